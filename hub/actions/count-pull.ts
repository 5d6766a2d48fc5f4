import { parseDocument } from '#schemas/document.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow } from '../store/entries.ts'
import type { PullRow } from '../store/pulls.ts'
import { entryPayload } from './read-entry.ts'

/**
 * Bytes that everybody is told of a pull (contract, Network facts): no party alone can raise them. The consumer's order
 * and the owner's delivery have to stand for each other, else null; of bytes counts what both state, one whole version
 * at most, and nothing before the consumer has answered or while the version is not in the catalogue.
 */
export function countedBytes(x: Exchange, pull: PullRow): number | null {
  if (pull.pullOrder === null || pull.delivery === null) return null
  const order = parseDocument('pull-order', x.documents.get(pull.pullOrder).text).payload
  const { text, member } = x.documents.get(pull.delivery)
  const delivery = parseDocument('delivery', text).payload
  const isAnswer = member === order.owner && delivery.version === order.version && delivery.manifest === order.manifest
  if (!isAnswer) return null
  const entry = x.entries.firstOfVersion(pull.dataset, order.version)
  if (entry === undefined || pull.acknowledgement === null) return 0
  const got = parseDocument('acknowledgement', x.documents.get(pull.acknowledgement).text).payload
  return Math.min(delivery.bytes, got.bytes, entryPayload(x, entry.id).bytes)
}

/** An entry has become public: where it brings a version into the catalogue, receipts of its pulls may have been faster. */
export function countEarlierPulls(x: Exchange, { id, dataset, version }: EntryRow): void {
  if (x.entries.firstOfVersion(dataset, version)?.id !== id) return
  for (const pull of x.pulls.bothFiled(dataset, version)) x.pulls.save({ ...pull, counted: countedBytes(x, pull) })
}
