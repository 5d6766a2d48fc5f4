import { addSignature } from '#schemas/document.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { moveAgreement } from './move-agreement.ts'
import { type DecidedBy, signDecision } from './sign-decision.ts'

/**
 * Protocol 5.6: the hub's signature under a VERIFIED agreement, with the decision behind it and its place in the status
 * list. Inside a transaction. Returns the row and the text with all signatures.
 */
export function finaliseAgreement(
  x: Exchange,
  row: AgreementRow,
  agreement: string,
  by: readonly DecidedBy[],
): { row: AgreementRow; text: string } {
  const decision = signDecision(x, row.request, agreement, 'approved', by)
  const place = x.places.allocate()
  const claims = { role: 'hub', iat: x.clock.now(), decision, status: place } as const
  const text = addSignature(x.documents.get(agreement).text, 'agreement', x.signer('directory'), claims)
  x.documents.setText(agreement, text)
  return { row: moveAgreement(x, row, 'finalise', { kind: 'agreement', id: agreement }, { place }), text }
}
