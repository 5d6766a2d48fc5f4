import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import { markVerified, type Verified } from '#schemas/verified.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { OwnerSession } from './open-session.ts'

/** Protocol 1.3, 6.7: good when it was signed, by the owner in the line we agreed with, and about this order of ours. */
export async function verifyDelivery(
  text: string,
  order: string,
  { agreement, line }: OwnerSession,
  { trust, keys }: Pick<ExchangeDeps, 'trust' | 'keys'>,
): Promise<Verified<ParsedDocument<'delivery'>>> {
  const document = parseDocument('delivery', text)
  const { payload } = document
  trust.requireNet(payload.net)
  if (!(payload.order === order && payload.agreement === agreement.id))
    throw new Refusal('PEER_MISBEHAVED', { rule: 'the delivery answers our order' })
  const signature = onlySignature(document)
  const signer = keys.member(signature.thumbprint, payload.iat)
  if (!(signer.member === line.owner)) throw new Refusal('SIGNER_FORBIDDEN', { signer: signer.member })
  verifySignature(signature, signer.publicKey)
  await line.requireOwner(signature.thumbprint)
  return markVerified(document)
}
