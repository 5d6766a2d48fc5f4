import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { verifyEntry } from '#schemas/verify-entry.ts'
import type { Authority } from '../kit/authority.ts'

interface Line {
  readonly id: string
  readonly dataset: string
  readonly sequence: number
  text: string
  state: 'published' | 'waiting' | 'withdrawn'
}

/** The hub as a node sees it through `get` and `post`: lines of entries in order, nothing else. */
export type PaperHub = ReturnType<typeof createPaperHub>

export function createPaperHub(authority: Authority) {
  const lines: Line[] = []
  const posted: { path: string; document: string }[] = []
  const asked: string[] = []
  const mood: { reachable: boolean; refuse: RefusalCode | undefined; forget: boolean } = {
    reachable: true,
    refuse: undefined,
    forget: false,
  }
  const newest = (dataset: string) =>
    lines.filter((one) => one.dataset === dataset).sort((a, b) => b.sequence - a.sequence)[0]

  function takeEntry(text: string): object {
    const { id, payload, missing } = verifyEntry(text, authority.agreementKeys, authority.net, false)
    const { dataset, sequence } = payload
    const known = lines.find((one) => one.id === id)
    const state = missing.length === 0 ? 'published' : 'waiting'
    if (known !== undefined) Object.assign(known, { text, state })
    else {
      requireNext(dataset, sequence)
      lines.push({ id, dataset, sequence, text, state })
    }
    return { dataset, sequence, state }
  }

  function takeTombstone(text: string): object {
    const { id, payload } = parseDocument('tombstone', text)
    const { dataset, sequence } = payload
    if (!lines.some((one) => one.id === id)) {
      requireNext(dataset, sequence)
      lines.push({ id, dataset, sequence, text, state: 'withdrawn' })
    }
    return { dataset, sequence, state: 'withdrawn' }
  }

  function requireNext(dataset: string, sequence: number): void {
    const next = (newest(dataset)?.sequence ?? 0) + 1
    if (sequence !== next) throw new Refusal('SEQUENCE_NOT_NEXT', { sequence, next })
  }

  return {
    lines,
    posted,
    asked,
    mood,
    newest,
    async get(path: string): Promise<unknown> {
      if (!mood.reachable) throw new Refusal('HUB_UNREACHABLE')
      asked.push(path)
      const url = new URL(path, 'https://hub')
      if (url.pathname.endsWith('/search')) return { items: [], facets: {}, next: null, total: 0 }
      const dataset = url.searchParams.get('dataset')
      const found = dataset === null ? lines.find(({ id }) => path.endsWith(id)) : newest(dataset)
      if (found === undefined) throw new Refusal(dataset === null ? 'NOT_FOUND' : 'DATASET_UNKNOWN')
      if (found.state === 'withdrawn')
        throw new Refusal('DATASET_WITHDRAWN', { sequence: found.sequence, tombstone: found.text })
      return { id: found.id, entry: found.text, state: found.state }
    },
    async post(path: string, body: object): Promise<unknown> {
      if (!mood.reachable) throw new Refusal('HUB_UNREACHABLE')
      const { entry, tombstone, document } = body as { entry?: string; tombstone?: string; document?: string }
      if (mood.refuse !== undefined) throw new Refusal(mood.refuse, { rule: 'the hub of this test says no' })
      posted.push({ path, document: (entry ?? tombstone ?? document) as string })
      const answer = entry !== undefined ? takeEntry(entry) : tombstone !== undefined ? takeTombstone(tombstone) : {}
      // The answer is lost on the way: the node cannot know that the document arrived.
      if (mood.forget) throw new Refusal('HUB_UNREACHABLE', { sent: true })
      return answer
    },
  }
}
