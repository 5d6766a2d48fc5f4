import { type Dispatcher, request } from 'undici'
import type { Check, Step } from './parse-script.ts'

/** What came back; `handshake` says `refused` where no request got through. */
interface Answer {
  readonly handshake: 'done' | 'refused'
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Asking {
  /** What stands in braces in scripts; `save` adds to it. */
  readonly values: Map<string, string>
  readonly dispatcherOf: (as: string | undefined) => Dispatcher
}

/** Sends a step's request; gives each expectation that was not met, with what was there instead. */
export async function ask(step: Step, { values, dispatcherOf }: Asking): Promise<string[]> {
  const fill = (text: string) => fillIn(text, values)
  const answer = await send(step, fill, dispatcherOf(step.as))
  const failed: string[] = []
  for (const check of step.checks) {
    const found = find(answer, check.of)
    if (check.kind === 'save') values.set(check.name, found ?? '')
    else if (!holds(check, found, fill(check.value))) failed.push(`${check.line}: it is ${found ?? 'absent'}`)
  }
  return failed
}

/** `{hub.public}` is a value, `{x*70000}` a character many times. */
function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\{([A-Za-z][\w.]*)\}|\{(.)\*(\d+)\}/g,
    (_all, name?: string, character?: string, times?: string) => {
      if (name === undefined) return String(character).repeat(Number(times))
      const value = values.get(name)
      if (value === undefined) throw new Error(`nothing is called {${name}}`)
      return value
    },
  )
}

async function send(step: Step, fill: (text: string) => string, dispatcher: Dispatcher): Promise<Answer> {
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, fill(value)]))
  const body = step.body === undefined ? null : fill(step.body)
  try {
    const method = step.method as Dispatcher.HttpMethod
    const response = await request(fill(step.url), { method, headers, body, dispatcher })
    const endless = String(response.headers['content-type']).startsWith('text/event-stream')
    const text = endless ? '' : await response.body.text()
    if (endless) response.body.on('error', () => {}).destroy()
    return { handshake: 'done', status: response.statusCode, headers: response.headers, body: text }
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    if (!/^(ERR_SSL|UND_ERR_SOCKET|ECONNRESET)/.test(code)) throw error
    return { handshake: 'refused', status: 0, headers: {}, body: '' }
  }
}

function find({ handshake, status, headers, body }: Answer, of: string): string | undefined {
  const [what, name = ''] = of.split(' ')
  if (what === 'handshake') return handshake
  if (what === 'status') return String(status)
  if (what === 'body') return body
  if (what === 'header') return [headers[name.toLowerCase()]].flat().join(', ') || undefined
  return valueAt(body, what === 'code' ? 'code' : name)
}

/** `items[0].title.zh`; a text as it is, anything else as JSON. */
function valueAt(body: string, path: string): string | undefined {
  let at: unknown = JSON.parse(body)
  for (const key of path.split(/[.[\]]+/).filter((part) => part !== ''))
    at = (at as Record<string, unknown> | null)?.[key]
  return at === undefined || typeof at === 'string' ? at : JSON.stringify(at)
}

function holds({ how }: Check & { readonly kind: 'expect' }, found: string | undefined, value: string): boolean {
  if (how === 'absent') return found === undefined
  return found !== undefined && (how === '==' ? found === value : new RegExp(value, 'u').test(found))
}
