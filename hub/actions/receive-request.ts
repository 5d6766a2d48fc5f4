import { fromRfc3339 } from '#schemas/clock.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { entryPayload, requirePublished } from './read-entry.ts'
import { type Received, receiveDocument } from './receive-document.ts'
import { requireEligible, requireTerms } from './require-eligible.ts'

/** Protocol 5.1: which way the wish goes from here. */
export interface Requested {
  readonly request: string
  readonly path: AgreementRow['path']
  readonly state: State
}

/** Protocol 5.1: a consumer asks. Inside a transaction. */
export function receiveRequest(x: Exchange, text: string, caller: Caller): Requested {
  return readingScope(() =>
    receiveDocument(x, 'request', text, caller, {
      story: ({ document }) => document.id,
      act: (received) => {
        const entry = requireOffered(x, received)
        const { id, payload } = received.document
        const path = pathOf(x, payload.consumer, entry)
        const row: AgreementRow = {
          request: id,
          agreement: null,
          dataset: payload.dataset,
          entry: payload.entry,
          consumer: payload.consumer,
          path,
          sensitive: entry.meta.sensitive ? 1 : 0,
          state: 'REQUESTED',
          cause: null,
          endedBy: null,
          words: id,
          until: fromRfc3339(payload.terms.until),
          lapses: x.clock.now() + LIMITS.agreementFinalSeconds,
          verified: null,
          place: null,
          changed: x.journal.append('request', id),
        }
        x.agreements.add(row, entry.owners)
        return { request: id, path, state: row.state }
      },
    }),
  )
}

/** Who was stopped once by the owner or the hub needs their word again: an open offer is not a way round it. */
export function pathOf(x: Exchange, consumer: string, { dataset, meta }: CatalogEntry): AgreementRow['path'] {
  return meta.sharing === 'unconditional' && !x.agreements.isBarred(consumer, dataset) ? 'unconditional' : 'conditional'
}

function requireOffered(x: Exchange, { document: { payload }, signer }: Received<'request'>): CatalogEntry {
  if (!(payload.consumer === signer.member.id))
    throw new Refusal('MEMBER_MISMATCH', { consumer: payload.consumer, signer: signer.member.id })
  const published = requirePublished(x, payload.dataset)
  const named = x.entries.find(payload.entry)
  // Only an entry that was published is an offer; one that waits for owners, or of another dataset, is none.
  const offered = named?.dataset === payload.dataset && (named.state === 'published' || named.state === 'superseded')
  if (!offered) throw new Refusal('DATASET_UNKNOWN', { dataset: payload.dataset, entry: payload.entry })
  requireSameTerms(named.terms, published.row.terms)
  const entry = entryPayload(x, named.id)
  requireEligible(x, signer.member, entry)
  requireTerms(x, payload.terms, entry)
  return entry
}

/** What was offered is what is offered: OFFER_CHANGED. */
export function requireSameTerms(terms: number, newest: number): void {
  if (!(terms === newest)) throw new Refusal('OFFER_CHANGED', { terms, newest })
}

/** The closed schema refuses reserved scopes and an empty purpose; people are told which it was. */
export function readingScope<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (isRefusal(error, 'DOCUMENT_INVALID')) {
      const field = String(error.facts.field)
      if (/^\/terms\/(fields|rows|columns)$/.test(field)) throw new Refusal('SCOPE_RESERVED', { field })
      const empty = ['minLength', 'pattern', 'required'].includes(String(error.facts.rule))
      if (field === '/terms/purpose' && empty) throw new Refusal('PURPOSE_EMPTY', { field })
    }
    throw error
  }
}
