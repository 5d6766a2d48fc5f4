import { parseDocument } from '#schemas/document.ts'
import type { JournalRow } from '#schemas/storage/journal.ts'
import type { Audience } from '../deps.ts'
import type { Exchange } from '../exchange.ts'
import { entryPayload } from './read-entry.ts'

/** Who hears of a row of the exchange: its parties by id, or everybody that the catalog changed. Undefined: not ours. */
export function findAudience(x: Exchange, { kind, hash }: JournalRow): Audience | undefined {
  switch (kind) {
    case 'catalog-entry':
      // An entry that waits is its owners' matter; nobody else is to know that it exists.
      return x.entries.find(hash)?.state === 'waiting' ? entryPayload(x, hash).owners : 'everyone'
    case 'tombstone':
      return 'everyone'
    case 'request':
    case 'offer':
    case 'consent':
    case 'refusal':
    case 'agreement':
    case 'agreement-change':
    case 'decision':
      return partiesOf(x, x.documents.find(hash)?.request)
    case 'pull-order':
    case 'delivery':
    case 'acknowledgement':
      return partiesOf(
        x,
        x.agreements.findByAgreement(parseDocument(kind, x.documents.get(hash).text).payload.agreement)?.request,
      )
    case 'approval':
    case 'grant':
      return 'none'
    default:
      return undefined
  }
}

function partiesOf(x: Exchange, request: string | null | undefined): Audience | undefined {
  if (request === null || request === undefined) return undefined
  return x.agreements.parties(request).map(({ member }) => member)
}
