import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Payload } from '#schemas/kinds.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'

/** What a consumer says of a pull; `delivery` null where it answers the order itself. */
export type Acknowledged = Pick<
  Payload<'acknowledgement'>,
  'order' | 'delivery' | 'agreement' | 'manifest' | 'bytes' | 'outcome'
>

/** Signed now, with our newest key; stores nothing. */
export function signAcknowledgement(
  said: Acknowledged,
  { trust, clock, signer }: Pick<ExchangeDeps, 'trust' | 'clock' | 'signer'>,
): { readonly id: string; readonly text: string } {
  const text = signDocument('acknowledgement', { net: trust.net, jti: newJti(), iat: clock.now(), ...said }, signer())
  return { id: parseDocument('acknowledgement', text).id, text }
}
