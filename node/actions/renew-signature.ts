import { addSignature, parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { KINDS } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Parcel } from '../store/outbox.ts'

/** What its author may say again in the same words. A change of an agreement is made anew on top of the last one instead. */
const RENEWABLE = ['catalog-entry', 'tombstone', 'agreement', 'sponsorship', 'sponsorship-revocation'] as const
type RenewableKind = (typeof RENEWABLE)[number]

/** Refusals that name a certificate which does not count, ours or that of a document. */
const NOT_COUNTING = ['CERTIFICATE_EXPIRED', 'CERTIFICATE_UNREGISTERED'] as const

/**
 * Was the document refused because the certificate it was signed with has ended on the way, while we sign with a later one?
 * While we ourselves still need a new pair, the document only waits.
 */
export function isOutlived(error: unknown, parcel: Parcel, signer: Signer): boolean {
  if (!isRefusal(error, ...NOT_COUNTING)) return false
  const signed = ownSignature(parcel).thumbprint
  const named = error.facts['thumbprint']
  // A hub that has just started finds an ended certificate without naming it.
  const isMeant = named === signed || (named === undefined && error.code === 'CERTIFICATE_EXPIRED')
  return isMeant && signed !== signer.thumbprint
}

/**
 * The same words under our signature of now. In general form the id stays; a compact document becomes another one, with
 * the time at which it was really signed. Undefined for kinds that are not simply said again. `now`: Unix seconds.
 */
export function renewSignature(parcel: Parcel, signer: Signer, now: number): Parcel | undefined {
  const kind = RENEWABLE.find((one) => one === parcel.kind)
  if (kind === undefined) return undefined
  const text = KINDS[kind].form === 'general' ? renewLast(parcel, signer, now) : renewWhole(kind, parcel, signer, now)
  return { ...parcel, text, document: parseDocument(kind, text).id }
}

function renewLast(parcel: Parcel, signer: Signer, iat: number): string {
  const { payload, signatures } = JSON.parse(parcel.text) as { payload: string; signatures: object[] }
  const others = JSON.stringify({ payload, signatures: signatures.slice(0, -1) })
  const { role } = ownSignature(parcel)
  if (role === undefined) throw new Error(`a ${parcel.kind} is signed in a role`)
  return addSignature(others, parcel.kind, signer, { role, iat })
}

function renewWhole(kind: RenewableKind, { text }: Parcel, signer: Signer, iat: number): string {
  return signDocument(kind, { ...parseDocument(kind, text).payload, iat }, signer)
}

/** Whoever sends a document has signed it last. */
function ownSignature({ kind, text }: Parcel) {
  const own = parseDocument(kind, text).signatures.at(-1)
  if (own === undefined) throw new Error(`a ${kind} without a signature`)
  return own
}
