import { isDeepStrictEqual } from 'node:util'
import { fromRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { Payload, Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { type Mover, moveAgreement, requireParty } from './move-agreement.ts'
import { entryPayload } from './read-entry.ts'
import { receiveDocument } from './receive-document.ts'
import { readingScope } from './receive-request.ts'
import { requireTerms } from './require-eligible.ts'

/** Protocol 5.3: what a party can say on a request before there is an agreement. */
export type Answer = 'offer' | 'consent' | 'refusal'

interface Said<K extends Answer> {
  readonly row: AgreementRow
  readonly role: 'consumer' | 'owner'
  readonly member: string
  readonly payload: Payload<K>
  readonly mover: Mover
}

/** Protocol 5.3: offer, acceptance or refusal of a party to the request named in the path. Inside a transaction. */
export function receiveAnswer<K extends Answer>(
  x: Exchange,
  kind: K,
  request: string,
  text: string,
  caller: Caller,
): { state: State } {
  const member = caller.member.id
  return readingScope(() =>
    receiveDocument(x, kind, text, caller, {
      story: ({ document }) => {
        requireParty(x, request, member)
        if (!(document.payload.request === request))
          throw new Refusal('REQUEST_UNKNOWN', { request: document.payload.request })
        return request
      },
      act: ({ document }) => {
        const mover = { kind, id: document.id }
        const said = { ...requireParty(x, request, member), member, payload: document.payload as Payload<K>, mover }
        return { state: ACTS[kind](x, said).state }
      },
    }),
  )
}

const ACTS: { readonly [K in Answer]: (x: Exchange, said: Said<K>) => AgreementRow } = {
  /** An owner's new terms, or the consumer's counter-request; either answers the last words. */
  offer(x, { row, role, payload, mover }) {
    requirePath(row)
    if (!(payload.previous === row.words))
      throw new Refusal('TERMS_MISMATCH', {
        rule: 'an offer answers the last words',
        previous: payload.previous,
        words: row.words,
      })
    requireTerms(x, payload.terms, entryPayload(x, row.entry))
    const until = fromRfc3339(payload.terms.until)
    // A draft that only some owners signed was on the earlier terms.
    return moveAgreement(x, row, role === 'owner' ? 'offer' : 'counter-request', mover, {
      words: mover.id,
      until,
      agreement: null,
    })
  },
  /** The consumer takes the owner's last offer, under exactly its terms. */
  consent(x, { row, role, payload, mover }) {
    if (!(role === 'consumer'))
      throw new Refusal('SIGNER_FORBIDDEN', { role, rule: 'an owner consents by signing the agreement' })
    if (!(payload.answers === row.words && isDeepStrictEqual(payload.terms, standingTerms(x, row))))
      throw new Refusal('TERMS_MISMATCH', { rule: 'acceptance is of the last offer', words: row.words })
    return moveAgreement(x, row, 'accept', mover)
  },
  /** Either side ends it; the reason reaches the other. */
  refusal(x, { row, role, member, mover }) {
    return moveAgreement(x, row, 'refuse', mover, {
      cause: role === 'consumer' ? 'withdrawn' : 'refused',
      endedBy: member,
    })
  },
}

/** The terms last spoken: those of the request or of the last offer. */
export function standingTerms(x: Exchange, row: AgreementRow): Terms {
  const { kind, text } = x.documents.get(row.words)
  return parseDocument(kind === 'offer' ? 'offer' : 'request', text).payload.terms
}

/** An open offer is taken or left; whoever wants other terms withdraws it. */
function requirePath(row: AgreementRow): void {
  if (!(row.path === 'conditional'))
    throw new Refusal('TRANSITION_REFUSED', {
      state: row.state,
      message: 'offer',
      rule: 'an unconditional offer is not negotiated',
    })
}
