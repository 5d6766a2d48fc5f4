/** One request of a script and what must come of it. */
export interface Step {
  /** The comment above it, or the request line itself. */
  readonly title: string
  readonly method: string
  readonly url: string
  /** Whose certificate is shown; without one none is. */
  readonly as: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly checks: readonly Check[]
}

export type Check =
  | {
      readonly kind: 'expect'
      readonly of: string
      readonly how: '==' | '~' | 'absent'
      readonly value: string
      readonly line: string
    }
  | { readonly kind: 'save'; readonly of: string; readonly name: string }

const REQUEST = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+)(?: as (\S+))?$/
const HEADER = /^([A-Za-z-]+): (.*)$/
const SUBJECT = 'status|code|handshake|body|header \\S+|json \\S+'
const EXPECT = new RegExp(`^(${SUBJECT}) (==|~|absent)(?: (.*))?$`)
const SAVE = new RegExp(`^save (\\w+) = (${SUBJECT})$`)

/** Requests are parted by blank lines; `#` begins a comment, `>` a line of the body. */
export function parseScript(text: string): Step[] {
  const blocks = text.split(/\n{2,}/).map((block) => block.split('\n').filter((line) => line !== ''))
  return blocks.filter((lines) => lines.some((line) => !line.startsWith('#'))).map(parseStep)
}

function parseStep(lines: readonly string[]): Step {
  const comments = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim())
  const [first = '', ...rest] = lines.filter((line) => !line.startsWith('#'))
  const [, method = '', url = '', as] = REQUEST.exec(first) ?? fail(first)
  const body = rest.filter((line) => line.startsWith('>')).map((line) => line.slice(1).trimStart())
  const others = rest.filter((line) => !line.startsWith('>'))
  const headers = others.flatMap((line) =>
    [HEADER.exec(line)].flatMap((found) => (found ? [[found[1], found[2]]] : [])),
  )
  const checks = others.filter((line) => !HEADER.test(line)).map(parseCheck)
  if (!checks.some(({ kind }) => kind === 'expect')) fail(`${first}: nothing is expected of it`)
  return {
    title: comments.join(' ') || first,
    method,
    url,
    as,
    headers: Object.fromEntries(headers),
    body: body.length === 0 ? undefined : body.join('\n'),
    checks,
  }
}

function parseCheck(line: string): Check {
  const [saves, name = '', saved = ''] = SAVE.exec(line) ?? []
  if (saves !== undefined) return { kind: 'save', of: saved, name }
  const [, of = '', how = '', value = ''] = EXPECT.exec(line) ?? fail(line)
  return { kind: 'expect', of, how: how as '==' | '~' | 'absent', value, line }
}

function fail(line: string): never {
  throw new Error(`not a line of a script: ${line}`)
}
