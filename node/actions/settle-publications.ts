import type { Datasets, EntryState } from '../store/datasets.ts'
import type { Papers } from '../store/papers.ts'
import type { Sponsorships } from '../store/sponsorships.ts'
import type { Renewed, Settle } from './deliver-documents.ts'

interface Deps {
  readonly datasets: Datasets
  readonly sponsorships: Sponsorships
}

/** Kinds whose answers are recorded here. */
export const PUBLISHED_KINDS = ['catalog-entry', 'tombstone', 'sponsorship', 'sponsorship-revocation'] as const

/** Records what the hub said to an entry, a tombstone or a sponsorship. A refused entry leaves its number free. */
export function createSettlePublication({ datasets, sponsorships }: Deps): Settle {
  return ({ kind, document }, outcome) => {
    const refusal = 'refusal' in outcome ? outcome.refusal : undefined
    if (kind === 'sponsorship') {
      sponsorships.setState(document, refusal ? 'refused' : 'standing')
      return refusal ? undefined : sponsorships.supersedeBefore(document)
    }
    // A revocation that the hub refused leaves the sponsorship standing, as the hub sees it.
    if (kind === 'sponsorship-revocation') return sponsorships.setState(document, refusal ? 'standing' : 'revoked')
    // A co-owner's dataset has no row here: who asked hears the answer.
    if (datasets.findEntry(document) === undefined) return
    if (refusal !== undefined) return datasets.setState(document, 'refused', refusal.problem())
    datasets.setState(document, kind === 'tombstone' ? 'withdrawn' : stateOf((outcome as { answer: unknown }).answer))
  }
}

/** Keeps our copies in step with a document that was signed anew before it reached the hub. */
export function createFollowRenewed({
  datasets,
  sponsorships,
  papers,
  pinPaper,
}: Deps & { readonly papers: Papers; readonly pinPaper: (text: string) => void }): Renewed {
  return (before, { document, text }) => {
    datasets.resign(before.document, { id: document, text })
    sponsorships.rename(before.document, document)
    const paper = papers.find(before.document)
    if (paper !== undefined) {
      papers.drop(before.document)
      papers.keep({ ...paper, id: document, text })
    }
    pinPaper(text)
  }
}

/** What the hub's state of an entry means here. Whatever is not clearly published is asked for again later. */
export function stateOf(answer: unknown): EntryState {
  const state = (answer as { state?: unknown } | null)?.state
  if (state === 'published' || state === 'superseded') return 'published'
  return state === 'withdrawn' ? 'withdrawn' : 'waiting'
}
