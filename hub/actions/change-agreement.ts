import type { Payload } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import { type Cause, nextState, runningState } from '#schemas/transitions.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { type Mover, moveAgreement, requireAgreementParty, saveAgreement } from './move-agreement.ts'
import { receiveDocument } from './receive-document.ts'
import { type DecidedBy, signDecision, signForHub } from './sign-decision.ts'

type Change = Payload<'agreement-change'>['change']

/** A change that may be applied: by whom (a member, or `hub`), and the document that says so. */
interface Asked {
  readonly change: Change
  readonly party: string
  readonly document: string
  readonly certificate?: string | undefined
}

/** How an agreement ends; `endedBy` is a member, `hub`, or null where time ended it. */
export interface Ending {
  readonly message: 'terminate' | 'expire' | 'lapse' | 'refuse'
  readonly cause: Cause
  readonly endedBy: string | null
}

const OUTCOMES = { suspend: 'suspended', resume: 'resumed', terminate: 'terminated' } as const

/** Protocol 5.7: a party suspends, resumes or terminates. Inside a transaction. */
export function receiveChange(x: Exchange, agreement: string, text: string, caller: Caller): { state: State } {
  const party = caller.member.id
  return receiveDocument(x, 'agreement-change', text, caller, {
    story: ({ document: { payload } }) => {
      const { row } = requireAgreementParty(x, agreement, party)
      if (!(payload.agreement === agreement)) throw new Refusal('AGREEMENT_UNKNOWN', { agreement: payload.agreement })
      // Replayed or reordered, an old `resume` would lift a later suspension.
      const last = x.standings.lastChange(row.request, party) ?? agreement
      if (!(payload.previous === last)) throw new Refusal('CHANGE_NOT_NEXT', { previous: payload.previous, last })
      return row.request
    },
    act: ({ document: { id, payload } }) => {
      const { row } = requireAgreementParty(x, agreement, party)
      const { change, certificate } = payload
      const changed = applyChange(x, row, { change, party, document: id, certificate })
      if (change === 'terminate' && party !== row.consumer) endOpenOffer(x, row)
      return { state: changed.state }
    },
  })
}

/** The hub's own change with the decision behind it. Inside a transaction. */
export function changeForHub(
  x: Exchange,
  row: AgreementRow,
  agreement: string,
  change: Change,
  by: DecidedBy,
): AgreementRow {
  // Refused before anything is signed: a change that cannot be is no document either.
  requireApplicable(x, row, { change, party: 'hub', document: '' })
  signDecision(x, row.request, agreement, OUTCOMES[change], [by])
  const previous = x.standings.lastChange(row.request, 'hub') ?? agreement
  const document = signForHub(x, 'agreement-change', row.request, { agreement, change, reason: by.reason, previous })
  return applyChange(x, row, { change, party: 'hub', document })
}

/** An owner serves nothing more by an open offer whose taker it or the hub has stopped: the hub says so of every agreement made by it. */
export function endOpenOffer(x: Exchange, { consumer, dataset }: AgreementRow): void {
  const by = {
    operator: 'hub',
    via: { kind: 'rule' as const },
    at: x.clock.stamp(),
    reason: '同一数据集的另一份协议已被终止 another agreement on the dataset was terminated',
  }
  for (const row of x.agreements.onOpenOffer(consumer, dataset))
    changeForHub(x, row, row.agreement as string, 'terminate', by)
}

function applyChange(x: Exchange, row: AgreementRow, asked: Asked): AgreementRow {
  requireApplicable(x, row, asked)
  x.standings.setLastChange(row.request, asked.party, asked.document)
  return APPLY[asked.change](x, row, asked)
}

const APPLY: { readonly [C in Change]: (x: Exchange, row: AgreementRow, asked: Asked) => AgreementRow } = {
  suspend(x, row, { party, document }) {
    x.standings.suspend(row.request, party)
    setStatus(x, row, 'suspended')
    return moveAgreement(x, row, 'suspend', { kind: 'agreement-change', id: document })
  },
  resume(x, row, { party, document }) {
    x.standings.resume(row.request, party)
    const state = runningState(x.standings.suspendedBy(row.request))
    if (state === 'FINALIZED') setStatus(x, row, 'good')
    return saveAgreement(x, { ...row, state }, { kind: 'agreement-change', id: document })
  },
  terminate(x, row, { party, document }) {
    const end = { message: 'terminate', cause: 'terminated', endedBy: party } as const
    return endAgreement(x, row, { kind: 'agreement-change', id: document }, end)
  },
}

/** TERMINATED for good, in the status list too. Inside a transaction. */
export function endAgreement(x: Exchange, row: AgreementRow, mover: Mover, end: Ending): AgreementRow {
  setStatus(x, row, 'revoked')
  return moveAgreement(x, row, end.message, mover, { cause: end.cause, endedBy: end.endedBy })
}

/** Each lifts only its own suspension; a `resume` may also name the other side's new certificate while nothing is suspended. */
function requireApplicable(x: Exchange, row: AgreementRow, { change, party, certificate }: Asked): void {
  const standing = x.standings.suspendedBy(row.request)
  if (change !== 'resume') {
    nextState(row.state, change)
    return
  }
  if (certificate !== undefined) requireCertificateOfOther(x, row, party, certificate)
  if (certificate !== undefined && row.state === 'FINALIZED') return
  nextState(row.state, 'resume')
  if (!(standing.has(party) || certificate !== undefined))
    throw new Refusal('TRANSITION_REFUSED', {
      state: row.state,
      message: 'resume',
      rule: 'each party lifts its own suspension',
      suspendedBy: [...standing],
    })
}

/** Contract, Key continuity: a new line of keys counts on the word of the other side, and of nobody else. */
function requireCertificateOfOther(x: Exchange, row: AgreementRow, party: string, certificate: string): void {
  const member = x.trust.findRegistered(certificate)?.member.id
  const others = x.agreements.parties(row.request).filter((other) => other.member !== party)
  if (!others.some((other) => other.member === member)) throw new Refusal('CERTIFICATE_UNREGISTERED', { certificate })
}

function setStatus(x: Exchange, row: AgreementRow, status: 'good' | 'suspended' | 'revoked'): void {
  if (row.place !== null) x.places.set(row.place, status)
}
