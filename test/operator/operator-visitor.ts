import { request } from 'undici'

/** An answer of the console as a browser without scripts sees it. */
export interface Seen {
  readonly status: number
  readonly body: string
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

type Form = Readonly<Record<string, string | readonly string[]>>

/** Somebody with a browser at a console, of the hub or of a node, entered by a one-time link; every form is sent with its token. */
export async function enterConsole(call: (name: string, args: object) => Promise<{ url: string }>, as: string) {
  const { origin, searchParams } = new URL((await call('console', { as })).url)
  const cookies = new Map<string, string>()

  async function ask(method: 'GET' | 'POST', path: string, body?: string | Buffer, type?: string): Promise<Seen> {
    const answer = await request(`${origin}${path}`, {
      method,
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(method === 'POST' && { origin }),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined) cookies.set(name, value ?? '')
    }
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    return { status: answer.statusCode, body: bytes.toString(), bytes, headers: answer.headers }
  }

  const pairs = (form: Form) =>
    Object.entries(form).flatMap(([name, values]) => [values].flat().map((one) => [name, one] as const))
  const encode = (form: Form) => new URLSearchParams(pairs(form).map(([name, value]) => [name, value])).toString()
  const FORM = 'application/x-www-form-urlencoded'
  await ask('POST', '/enter', encode({ key: searchParams.get('key') ?? '' }), FORM)
  const home = await ask('GET', '/')
  const token = /name="form-token" value="([^"]+)"/.exec(home.body)?.[1] ?? ''

  /** The page after a successful form; again and again, as a browser that loads it anew. */
  async function follow(answer: Seen): Promise<Seen> {
    if (answer.status !== 303) throw new Error(`${answer.status}: ${textOf(answer.body)}`)
    return ask('GET', String(answer.headers['location']))
  }

  return {
    get: (path: string) => ask('GET', path),
    post: (path: string, form: Form) => ask('POST', path, encode({ 'form-token': token, ...form }), FORM),
    /** A form with one file in it. */
    upload(path: string, field: string, content: string | Uint8Array, name = 'a.pem', form: Form = {}) {
      const boundary = 'x-boundary-of-the-test'
      const part = (head: string, value: string | Uint8Array) => [
        `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`,
        value,
        '\r\n',
      ]
      const pieces = [
        ...pairs({ 'form-token': token, ...form }).flatMap(([key, value]) => part(`name="${key}"`, value)),
        ...part(`name="${field}"; filename="${name}"`, content),
        `--${boundary}--\r\n`,
      ]
      const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
      return ask('POST', path, body, `multipart/form-data; boundary=${boundary}`)
    },
    follow,
    /** What the page after a successful form says. */
    after: async (answer: Seen): Promise<string> => (await follow(answer)).body,
  }
}

export type OperatorVisitor = Awaited<ReturnType<typeof enterConsole>>

/** The words of a page. */
export function textOf(body: string): string {
  return body
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
}
