import { toRfc3339 } from './clock.ts'
import { parseDocument } from './document.ts'
import type { Kind, Payload } from './kinds.ts'

/** A signature with the name behind it. `at` is RFC 3339, null where the document does not say. */
export interface ShownSignature {
  readonly thumbprint: string
  readonly signer: string
  readonly role: string | null
  readonly at: string | null
}

/** A kept document opened for people: what was signed, word for word, and who signed it. */
export interface ShownDocument {
  readonly id: string
  readonly kind: Kind
  readonly payload: Payload<Kind>
  readonly signatures: readonly ShownSignature[]
  /** As received; its hash is the id. */
  readonly text: string
}

/** Opens a document that was verified when it came. `signerOf` names whoever holds a certificate. */
export function showDocument(kind: Kind, text: string, signerOf: (thumbprint: string) => string): ShownDocument {
  const { id, payload, signatures } = parseDocument(kind, text)
  const { iat } = payload as { iat?: number }
  return {
    id,
    kind,
    payload,
    signatures: signatures.map(({ thumbprint, role, iat: signed = iat }) => ({
      thumbprint,
      signer: signerOf(thumbprint),
      role: role ?? null,
      at: signed === undefined ? null : toRfc3339(signed),
    })),
    text,
  }
}
