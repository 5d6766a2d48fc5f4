import { type Dispatcher, request } from 'undici'

/** One request as a hostile member may send it. */
export interface Asking {
  readonly grant?: string
  readonly headers?: Record<string, string>
  /** An object, or text as it is. */
  readonly body?: object | string
}

/** What came back; `code` of a problem, '' otherwise. */
export interface Answered {
  readonly status: number
  readonly code: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at key by key
  readonly json: any
  readonly bytes: Buffer
}

/** GET without a body, POST with one. */
export function send(dispatcher: Dispatcher, url: string, { grant, headers = {}, body }: Asking = {}) {
  return request(url, {
    dispatcher,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(grant === undefined ? {} : { authorization: `Hanghui-Grant ${grant}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** {@link send}, with the whole answer read. */
export async function sendAndRead(dispatcher: Dispatcher, url: string, asking?: Asking): Promise<Answered> {
  const response = await send(dispatcher, url, asking)
  const bytes = Buffer.from(await response.body.arrayBuffer())
  const isJson = String(response.headers['content-type']).includes('json')
  const json = isJson ? JSON.parse(bytes.toString()) : {}
  return { status: response.statusCode, code: String(json.code ?? ''), json, bytes }
}
