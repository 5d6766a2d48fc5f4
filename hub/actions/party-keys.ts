import { keyOfCertificate } from '#schemas/certificates.ts'
import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { ArchivedCertificate, Exchange } from '../exchange.ts'

type SeveralSigned = 'agreement' | 'catalog-entry'

/** Member → thumbprint of the certificate that signed for it. */
export type Signers = ReadonlyMap<string, string>

/**
 * Keys for a document that several parties sign: a new signature needs a certificate good now; one the hub already
 * holds was verified when it came, and its certificate may have ended since.
 */
export function partyKeys(x: Exchange, held: Signers): AgreementKeys {
  const verified = new Set(held.values())
  return {
    member(thumbprint) {
      if (!verified.has(thumbprint)) {
        const { member, publicKey } = x.trust.requireCertificate(thumbprint, 'signing')
        return { member: member.id, publicKey }
      }
      const { member, der } = archived(x, thumbprint)
      return { member, publicKey: keyOfCertificate(der).publicKey }
    },
    hub: (thumbprint, signedAt) => x.trust.hubKey('agreement', thumbprint, signedAt),
  }
}

/** Who signed the text the hub holds; nobody where it holds none. */
export function heldSigners(x: Exchange, kind: SeveralSigned, text: string | undefined): Signers {
  if (text === undefined) return new Map()
  const parties = parseDocument(kind, text).signatures.filter(({ role }) => role !== 'hub')
  return new Map(parties.map(({ thumbprint }) => [archived(x, thumbprint).member, thumbprint]))
}

/**
 * The held text with the signatures of those who had not signed it yet, out of a verified text of the same payload: two
 * owners may have signed the same earlier state, and neither signature may be lost. Undefined where nobody is new.
 */
export function mergeSignatures(
  kind: SeveralSigned,
  held: string,
  signed: Signers,
  posted: { readonly text: string; readonly signers: Signers },
): string | undefined {
  const fresh = new Set(
    [...posted.signers].filter(([member]) => !signed.has(member)).map(([, thumbprint]) => thumbprint),
  )
  if (fresh.size === 0) return undefined
  const parsed = parseDocument(kind, posted.text).signatures
  const into = JSON.parse(held) as { payload: string; signatures: object[] }
  const from = JSON.parse(posted.text) as { signatures: object[] }
  const added = from.signatures.filter((_, index) => fresh.has(parsed[index]?.thumbprint as string))
  return JSON.stringify({ payload: into.payload, signatures: [...into.signatures, ...added] })
}

function archived(x: Exchange, thumbprint: string): ArchivedCertificate {
  const found = x.findArchived(thumbprint)
  if (found === undefined) throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
  // It was good when it came, but whoever stole the key may have written it.
  if (found.revoked?.compromised === true) throw new Refusal('TIME_UNPROVEN', { thumbprint })
  return found
}
