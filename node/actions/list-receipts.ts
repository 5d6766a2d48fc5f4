import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { PullLine, Pulls } from '../store/pulls.ts'
import type { ServedPullLine, ServedPulls } from '../store/served-pulls.ts'
import { ownerOf } from './hold-grants.ts'

/** One pull with its papers as `node receipts` prints it; `delivery` and `acknowledgement` are ids, null while there is none. */
export interface Receipt {
  readonly pull: string
  readonly agreement: string
  readonly dataset: string
  readonly version: number
  readonly role: 'owner' | 'consumer'
  readonly consumer: string
  readonly owner: string
  readonly state: string
  readonly opened: string
  /** The owner's count of content that left; the consumer's of content that came. */
  readonly bytes: number
  readonly delivery: string | null
  readonly acknowledgement: string | null
  /** `verified`, `rejected`, `abandoned`; null while unacknowledged. */
  readonly outcome: string | null
}

export interface ReceiptStores {
  readonly servedPulls: ServedPulls
  readonly pulls: Pulls
  readonly member: string
}

/** All pulls of this node, oldest first; `id`: those whose pull, agreement or paper begins with it. NOT_FOUND when none does. */
export function listReceipts({ servedPulls, pulls, member }: ReceiptStores, id?: string): Receipt[] {
  const all = [
    ...servedPulls.list().map((row) => ofServed(row, member)),
    ...pulls.list().map((row) => ofOwn(row, member)),
  ]
  const inOrder = all.toSorted((a, b) => a.opened.localeCompare(b.opened))
  if (id === undefined) return inOrder
  const found = chosen(inOrder, id)
  if (found.length === 0) throw new Refusal('NOT_FOUND', { id })
  return found
}

/** An exact id wins; a shortened one may mean one pull, or everything under one agreement. */
function chosen(receipts: readonly Receipt[], id: string): Receipt[] {
  const idsOf = (one: Receipt) =>
    [one.pull, one.agreement, one.delivery, one.acknowledgement].filter((each) => each !== null)
  const exact = receipts.filter((one) => idsOf(one).includes(id))
  if (exact.length > 0) return exact
  const found = receipts.filter((one) => idsOf(one).some((each) => each.startsWith(id)))
  if (new Set(found.map(({ agreement }) => agreement)).size > 1) throw new Refusal('AMBIGUOUS_ID', { id })
  return found
}

function ofServed(row: ServedPullLine, member: string): Receipt {
  const { pull, agreement, dataset, version, consumer, bytes, delivery, acknowledgement, outcome } = row
  const state = acknowledgement !== null ? 'acknowledged' : row.closed !== null ? 'delivered' : 'open'
  const common = { pull, agreement, dataset, version, bytes, delivery, acknowledgement, outcome, state }
  return { ...common, role: 'owner', consumer, owner: member, opened: toRfc3339(row.opened) }
}

function ofOwn(row: PullLine, member: string): Receipt {
  const { pull, agreement, dataset, version, fetched: bytes, delivery, acknowledgement, outcome } = row
  const state = row.state === 'acknowledged' && row.confirmed === null ? 'acknowledgement-pending' : row.state
  const common = { pull, agreement, dataset, version, bytes, delivery, acknowledgement, outcome, state }
  return { ...common, role: 'consumer', consumer: member, owner: ownerOf(dataset), opened: toRfc3339(row.ordered) }
}
