import { Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import type { Verified } from '#schemas/verified.ts'
import { type VerifiedAgreement, verifyAgreement } from '#schemas/verify-agreement.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { KeptTexts } from '../store/kept-texts.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'keys' | 'agreements' | 'member'> & { readonly kept: KeptTexts }

const SETTLED: readonly State[] = ['FINALIZED', 'SUSPENDED', 'TERMINATED']

/** Where an owner looks an agreement up, and how it takes one in that a consumer brought along. */
export interface AgreementFinder {
  find(id: string, presented?: AgreementRecord): AgreementRecord | undefined
  /** Final in our own books: verified when it came, so that what a consumer brings along adds nothing. */
  isSettled(id: string): boolean
  /** Verifies a presented text as final and ours to serve under; stores nothing. AGREEMENT_NOT_OURS and what `verifyAgreement` refuses. */
  present(text: string): Verified<VerifiedAgreement>
}

/**
 * An owner may meet an agreement first in a pull-order (Protocol 6.5): what was presented is kept, verified again when
 * it is read, and gives way to the node's own record as soon as the hub has told of it.
 */
export function createAgreementFinder({ trust, keys, agreements, member, kept }: Deps): AgreementFinder {
  const read = new Map<string, AgreementRecord>()

  function present(text: string): Verified<VerifiedAgreement> {
    const agreement = verifyAgreement(text, 'hub', keys, trust.net)
    if (!agreement.payload.dataset.startsWith(`${member}/`))
      throw new Refusal('AGREEMENT_NOT_OURS', { agreement: agreement.id })
    return agreement
  }

  function find(id: string, presented?: AgreementRecord): AgreementRecord | undefined {
    const own = agreements.find(id)
    // Our books may be behind the hub's last signature; they are never behind in what stops an agreement here.
    if (own !== undefined && SETTLED.includes(own.state)) return own
    return (presented?.id === id ? presented : undefined) ?? findKept(id) ?? own
  }

  function findKept(id: string): AgreementRecord | undefined {
    const known = read.get(id)
    if (known !== undefined) return known
    const text = kept.find('agreement', id)
    if (text === undefined) return undefined
    const record = recordOf(present(text))
    read.set(id, record)
    return record
  }

  function isSettled(id: string): boolean {
    const own = agreements.find(id)
    return own !== undefined && SETTLED.includes(own.state)
  }

  return { find, isSettled, present }
}

/** An agreement of which nothing is known yet but that it is final. */
export function recordOf({ id, text, payload, signers }: Verified<VerifiedAgreement>): AgreementRecord {
  return { id, text, payload, signers, state: 'FINALIZED', cause: null, suspendedBy: [], endedBy: null }
}
