import type { Clock } from '#schemas/clock.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { HubRequests } from '../exchange-deps.ts'
import type { Datasets, EntryRow } from '../store/datasets.ts'
import type { Papers } from '../store/papers.ts'
import { type Delivery, isOnItsWay } from './deliver-documents.ts'
import { fetchDatasetEntry } from './fetch-entry.ts'
import { nameDataset } from './name-dataset.ts'
import type { Membership } from './own-membership.ts'
import type { InTurn } from './take-turns.ts'

interface Deps {
  readonly hub: Pick<HubRequests, 'get'>
  readonly trust: Pick<Trust, 'net'>
  readonly keys: Pick<AgreementKeys, 'member'>
  readonly learnLine: (member: string) => Promise<void>
  readonly clock: Clock
  readonly signer: () => Signer
  readonly journal: Journal
  readonly datasets: Datasets
  readonly papers: Papers
  readonly pinPaper: (text: string) => void
  readonly delivery: Pick<Delivery, 'post'>
  readonly membership: () => Membership
  readonly inTurn: InTurn
}

/** What `withdraw` prints; `queued` while the hub is away: this node obeys it at once. */
export interface Withdrawn {
  readonly dataset: string
  readonly sequence: number
  readonly state: 'withdrawn' | 'queued'
}

/**
 * Protocol 4.1: takes a dataset of ours out of the catalog, or a JOINT one that we own with others. The same slug may be
 * published again later, under terms that count as new. DATASET_UNKNOWN, DATASET_WITHDRAWN, NAMESPACE_FOREIGN.
 */
export function createWithdraw(deps: Deps) {
  return (typed: string, reason: string): Promise<Withdrawn> => {
    const { member } = deps.membership()
    const dataset = nameDataset(typed, member)
    return deps.inTurn(dataset, async () => {
      const own = dataset.startsWith(`${member}/`)
      const before = own ? lastOfOurs(deps, dataset) : await lastOfOthers(deps, dataset, member)
      return announce(deps, { dataset, member, reason, sequence: before.sequence + 1 }, own ? before : undefined)
    })
  }
}

async function announce(
  deps: Deps,
  word: { readonly dataset: string; readonly member: string; readonly reason: string; readonly sequence: number },
  before: Before | undefined,
): Promise<Withdrawn> {
  const { dataset, sequence, member } = word
  const iat = deps.clock.now()
  const text = signDocument('tombstone', { net: deps.trust.net, jti: newJti(), iat, ...word }, deps.signer())
  const { id } = parseDocument('tombstone', text)
  const parcel = {
    lane: `dataset:${dataset}`,
    path: '/v1/catalog-entries',
    field: 'tombstone',
    kind: 'tombstone',
    document: id,
    text,
  } as const
  try {
    await deps.delivery.post(parcel, () => {
      if (before === undefined) deps.papers.keep({ id, kind: 'tombstone', story: null, signer: member, iat, text })
      else
        deps.datasets.addEntry({
          ...before,
          id,
          dataset,
          sequence,
          kind: 'tombstone',
          text,
          state: 'queued',
          problem: null,
        })
      deps.pinPaper(text)
      deps.journal.append('tombstone', id)
    })
  } catch (error) {
    if (!isOnItsWay(error)) throw error
    return { dataset, sequence, state: 'queued' }
  }
  return { dataset, sequence, state: 'withdrawn' }
}

type Before = Pick<EntryRow, 'sequence' | 'terms' | 'version'>

function lastOfOurs({ datasets }: Deps, dataset: string): Before {
  const newest = datasets.newest(dataset)
  if (newest === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  if (newest.kind === 'tombstone') throw new Refusal('DATASET_WITHDRAWN', { dataset, sequence: newest.sequence })
  return { sequence: newest.sequence, terms: newest.terms, version: newest.version }
}

/** Contract, Agreement: stopping needs one owner only. The line of a co-owner's dataset is the hub's to tell. */
async function lastOfOthers(deps: Deps, dataset: string, member: string): Promise<Before> {
  const { payload } = (await fetchDatasetEntry(deps, dataset)).entry
  if (!payload.owners.includes(member)) throw new Refusal('NAMESPACE_FOREIGN', { dataset, member })
  return payload
}
