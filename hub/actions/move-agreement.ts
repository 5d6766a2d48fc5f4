import { Refusal } from '#schemas/refusal.ts'
import { type Message, nextState, type Party } from '#schemas/transitions.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'

/** What moved it: kind and id of the document that the journal names. */
export interface Mover {
  readonly kind: string
  readonly id: string
}

/** The one way an agreement changes state: by the table, with its journal row. Inside a transaction. */
export function moveAgreement(
  x: Exchange,
  row: AgreementRow,
  message: Message,
  mover: Mover,
  fields: Partial<AgreementRow> = {},
): AgreementRow {
  return saveAgreement(x, { ...row, ...fields, state: nextState(row.state, message) }, mover)
}

/** A change that leaves the state as it is, or has its state from `runningState`. Inside a transaction. */
export function saveAgreement(x: Exchange, row: AgreementRow, { kind, id }: Mover): AgreementRow {
  const moved = { ...row, changed: x.journal.append(kind, id) }
  x.agreements.save(moved)
  return moved
}

/** What the caller is in a request's story; to anybody else it does not exist: REQUEST_UNKNOWN. */
export function requireParty(
  x: Exchange,
  request: string,
  member: string,
): { row: AgreementRow; role: Exclude<Party, 'hub'> } {
  const row = x.agreements.findByRequest(request)
  const role = row && x.agreements.parties(request).find((party) => party.member === member)?.role
  if (row === undefined || role === undefined) throw new Refusal('REQUEST_UNKNOWN', { request })
  return { row, role }
}

/** The same by the agreement's id: AGREEMENT_UNKNOWN. */
export function requireAgreementParty(x: Exchange, agreement: string, member: string) {
  const row = x.agreements.findByAgreement(agreement)
  const role = row && x.agreements.parties(row.request).find((party) => party.member === member)?.role
  if (row === undefined || role === undefined) throw new Refusal('AGREEMENT_UNKNOWN', { agreement })
  return { row, role }
}
