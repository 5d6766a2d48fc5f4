import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import type { Deciding } from '../deps.ts'
import type { Exchange, Operator } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import type { ApprovalRow } from '../store/standings.ts'
import { changeForHub, endAgreement, endOpenOffer } from './change-agreement.ts'
import { finaliseAgreement } from './finalise-agreement.ts'
import { heldSigners } from './party-keys.ts'
import { entryPayload, requirePublished } from './read-entry.ts'
import { requireEligible } from './require-eligible.ts'
import { type DecidedBy, signDecision } from './sign-decision.ts'

/** Outcome for the person who decided. */
export interface Decided {
  readonly id: string
  readonly state: State
}

/** An approver's yes to a VERIFIED agreement; sensitive data wait for a second one. Inside a transaction. */
export function approveAgreement(x: Exchange, row: AgreementRow, by: Deciding): Decided {
  const agreement = requireDecidable(row)
  const approval = approvalOf(requireApprover(x, row, by), by, x.clock.now())
  requireStillPossible(x, row, agreement)
  const earlier = x.standings.approvals(row.request)
  if (earlier.some(({ operator }) => operator === approval.operator))
    throw new Refusal('ALREADY_DECIDED', { id: agreement, operator: approval.operator })
  const all = [...earlier, approval]
  x.standings.addApproval(row.request, approval)
  if (row.sensitive === 1 && all.length < 2) {
    x.journal.append('approval', agreement)
    return { id: agreement, state: row.state }
  }
  requireTwoPersons(row, all)
  return { id: agreement, state: finaliseAgreement(x, row, agreement, all.map(decidedBy)).row.state }
}

/** An approver's no: one is enough, and its reason reaches the applicant. Inside a transaction. */
export function refuseAgreement(x: Exchange, row: AgreementRow, by: Deciding): Decided {
  const agreement = requireDecidable(row)
  requireReason(by)
  const refusal = approvalOf(requireApprover(x, row, by), by, x.clock.now())
  signDecision(x, row.request, agreement, 'refused', [decidedBy(refusal)])
  const ended = endAgreement(
    x,
    row,
    { kind: 'agreement', id: agreement },
    { message: 'refuse', cause: 'refused', endedBy: 'hub' },
  )
  return { id: agreement, state: ended.state }
}

/** The hub suspends, resumes or terminates, on an approver's word. Inside a transaction. */
export function changeByOperator(
  x: Exchange,
  row: AgreementRow,
  change: 'suspend' | 'resume' | 'terminate',
  by: Deciding,
): Decided {
  requireReason(by)
  const agreement = row.agreement
  if (agreement === null) throw new Refusal('AGREEMENT_NOT_FINAL', { request: row.request })
  const decided = decidedBy(approvalOf(requireApprover(x, row, by), by, x.clock.now()))
  const { state } = changeForHub(x, row, agreement, change, decided)
  if (change === 'terminate') endOpenOffer(x, row)
  return { id: agreement, state }
}

/** In the queue, that is: signed by owners and consumer and by nobody of the hub. */
function requireDecidable(row: AgreementRow): string {
  if (row.state === 'VERIFIED' && row.agreement !== null) return row.agreement
  const decided = row.place !== null || row.endedBy === 'hub'
  throw new Refusal(decided ? 'ALREADY_DECIDED' : 'TRANSITION_REFUSED', { state: row.state, message: 'finalise' })
}

/** The person is named, holds the role, and does not belong to a party. */
function requireApprover(x: Exchange, row: AgreementRow, { operator }: Deciding): Operator {
  const found = x.requireOperator(operator, 'approver')
  const own = x.agreements.parties(row.request).some(({ member }) => member === found.member)
  if (own) throw new Refusal('OWN_MEMBER', { operator, member: found.member })
  return found
}

function requireReason({ reason }: Deciding): void {
  if (!(reason.trim() !== '')) throw new Refusal('REASON_REQUIRED', { field: '/reason' })
}

/** Approving must not revive what ended while it waited; a signature whose key was stolen since counts for nothing. */
function requireStillPossible(x: Exchange, row: AgreementRow, agreement: string): void {
  heldSigners(x, 'agreement', x.documents.get(agreement).text)
  if (!(x.clock.now() < row.until)) throw new Refusal('PERIOD_OVER', { until: toRfc3339(row.until) })
  requirePublished(x, row.dataset)
  const consumer = x.trust.findMember(row.consumer)
  if (consumer === undefined) throw new Refusal('MEMBER_UNKNOWN', { member: row.consumer })
  if (!(consumer.standing === 'good')) throw new Refusal('MEMBER_SUSPENDED', { member: row.consumer })
  requireEligible(x, consumer, entryPayload(x, row.entry))
}

/** Contract, Roles: two for sensitive data, one of them by certificate; two names typed at one console may be one person. */
function requireTwoPersons(row: AgreementRow, approvals: readonly ApprovalRow[]): void {
  if (row.sensitive === 0) return
  if (!approvals.some(({ via }) => via === 'certificate'))
    throw new Refusal('SECOND_APPROVER', { approvals: approvals.length })
}

function approvalOf({ name }: Operator, { via, reason }: Deciding, at: number): ApprovalRow {
  // `rule` is how an open offer decides; no person comes by that door.
  if (via.kind === 'rule') throw new Refusal('SIGNER_FORBIDDEN', { via: via.kind })
  const thumbprint = via.kind === 'certificate' ? via.thumbprint : null
  return { operator: name, via: via.kind, thumbprint, at, reason }
}

function decidedBy({ operator, via, thumbprint, at, reason }: ApprovalRow): DecidedBy {
  const door = via === 'certificate' ? { kind: via, thumbprint: thumbprint as string } : { kind: via }
  return { operator, via: door, at: toRfc3339(at), reason }
}
