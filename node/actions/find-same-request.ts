import { isDeepStrictEqual } from 'node:util'
import { parseDocument } from '#schemas/document.ts'
import type { Payload } from '#schemas/kinds.ts'
import type { Parcel } from '../store/outbox.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories } from '../store/stories.ts'

interface Deps {
  readonly stories: Stories
  readonly papers: Papers
  /** What waits in the outbox on lanes of requests. */
  readonly pending: () => readonly Parcel[]
  /** Sends everything that waits; never throws. */
  readonly flush: () => Promise<void>
}

/** What makes two wishes the same. */
export type Wish = Pick<Payload<'request'>, 'consumer' | 'dataset' | 'entry' | 'terms'>

/**
 * The same wish of ours that nobody has answered yet, or that is still on its way (a crash, a lost answer): it is not asked
 * twice. Once answered, ended or signed, the same words are a new wish. Returns the request's id.
 */
export async function findSameRequest(deps: Deps, wish: Wish): Promise<string | undefined> {
  const waiting = deps.pending().find(({ kind, text }) => kind === 'request' && isSame(text, wish))
  if (waiting !== undefined) {
    await deps.flush()
    return waiting.document
  }
  return deps.stories
    .list()
    .filter(({ state, agreement }) => state === 'REQUESTED' && agreement === null)
    .filter(({ consumer, dataset }) => consumer === wish.consumer && dataset === wish.dataset)
    .find(({ request }) => {
      const all = deps.papers.ofStory(request)
      const asked = all.find(({ id }) => id === request)
      return asked !== undefined && isSame(asked.text, wish) && !all.some(({ kind }) => kind === 'offer')
    })?.request
}

function isSame(text: string, { consumer, dataset, entry, terms }: Wish): boolean {
  const { payload } = parseDocument('request', text)
  const asked = { consumer: payload.consumer, dataset: payload.dataset, entry: payload.entry, terms: payload.terms }
  return isDeepStrictEqual(asked, { consumer, dataset, entry, terms })
}
