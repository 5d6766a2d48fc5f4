import { parseJson } from '#schemas/json.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubClient } from '../hub-client.ts'

/** What the hub tells on its stream (Protocol 2.6). */
export type HubEvent =
  | { readonly kind: 'root' | 'directory' | 'status' | 'catalog' }
  | { readonly kind: 'document'; readonly id: string; readonly document: string }

interface Deps {
  readonly hub: Pick<HubClient, 'openStream'>
  readonly log: Logger
  /** The stream stands: what happened before is to be caught up with. */
  readonly connected: () => void
  readonly heard: (event: HubEvent) => void
  readonly ended: () => void
}

const FIRST_WAIT_MILLISECONDS = 1_000
const MOST_WAIT_MILLISECONDS = 60_000
const LINE_BYTES = 16_384
const DOCUMENT = closed({ id: HEX, kind: { type: 'string', maxLength: 40 } }, ['id', 'kind'])

/** Keeps the event stream open until `signal`; after a break it waits longer each time, never more than a minute, never in step with others. */
export async function followEvents({ hub, log, connected, heard, ended }: Deps, signal: AbortSignal): Promise<void> {
  let wait = FIRST_WAIT_MILLISECONDS
  while (!signal.aborted) {
    try {
      const stream = await hub.openStream('/v1/events', signal)
      wait = FIRST_WAIT_MILLISECONDS
      connected()
      for await (const event of readEvents(stream)) heard(event)
      ended()
    } catch (error) {
      ended()
      if (signal.aborted) return
      log.info({ reason: isRefusal(error) ? error.code : String(error).slice(0, 200) }, 'event stream ended')
    }
    await pause(wait * (0.5 + Math.random()), signal)
    wait = Math.min(wait * 2, MOST_WAIT_MILLISECONDS)
  }
}

/** Server-sent events (WHATWG HTML §9.2) as far as the hub uses them: `event`, `data`, comments. Unknown events are passed over. */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<HubEvent> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [rest, name, data] = ['', '', '']
  for await (const piece of stream) {
    rest += decoder.decode(piece, { stream: true })
    if (!(rest.length <= LINE_BYTES)) throw new Error('a line of the event stream is too long')
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('event:')) name = line.slice(6).trim()
      else if (line.startsWith('data:')) data = line.slice(5).trim()
      else if (line === '') {
        const event = eventOf(name, data)
        if (event !== undefined) yield event
        ;[name, data] = ['', '']
      }
    }
  }
}

function eventOf(name: string, data: string): HubEvent | undefined {
  switch (name) {
    case 'root':
    case 'directory':
    case 'status':
    case 'catalog':
      return { kind: name }
    case 'document': {
      const { id, kind } = validate(DOCUMENT, parseJson(Buffer.from(data)), 'PEER_MISBEHAVED')
      return { kind: 'document', id, document: kind }
    }
    default:
      return undefined
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
