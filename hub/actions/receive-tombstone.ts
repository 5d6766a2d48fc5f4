import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow } from '../store/entries.ts'
import { type Received, receiveDocument } from './receive-document.ts'
import type { Listed } from './receive-entry.ts'

/** Protocol 4.1: takes a dataset out of the catalog; of a JOINT one any owner may. Inside a transaction. */
export function receiveTombstone(x: Exchange, text: string, caller: Caller): Listed {
  return receiveDocument(x, 'tombstone', text, caller, {
    story: (received) => requireWithdrawable(x, received),
    act: ({ document: { id, payload } }) => {
      const { dataset, sequence } = payload
      const { terms, version } = x.entries.newest(dataset) as EntryRow
      x.entries.add({ id, dataset, sequence, kind: 'tombstone', terms, version, state: 'withdrawn' })
      x.journal.append('tombstone', id)
      return { dataset, sequence, state: 'withdrawn' as const }
    },
  })
}

function requireWithdrawable(x: Exchange, { document, signer }: Received<'tombstone'>): null {
  const { dataset, member, sequence } = document.payload
  if (!(member === signer.member.id)) throw new Refusal('MEMBER_MISMATCH', { member, signer: signer.member.id })
  const newest = x.entries.newest(dataset)
  const entry = x.entries.newestEntry(dataset)
  if (newest === undefined || entry === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  const { owners } = parseDocument('catalog-entry', x.documents.get(entry.id).text).payload
  if (!owners.includes(member)) throw new Refusal('NAMESPACE_FOREIGN', { dataset, member })
  if (newest.kind === 'tombstone') throw new Refusal('DATASET_WITHDRAWN', { dataset, sequence: newest.sequence })
  if (!(sequence === newest.sequence + 1))
    throw new Refusal('SEQUENCE_NOT_NEXT', { sequence, next: newest.sequence + 1 })
  return null
}
