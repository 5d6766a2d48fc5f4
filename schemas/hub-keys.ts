import type { KeyObject } from 'node:crypto'
import { fromBase64url } from './base64url.ts'
import { checkCertificate } from './certificates.ts'
import { sha256 } from './hash.ts'
import type { Kind, Root } from './kinds.ts'
import { Refusal } from './refusal.ts'

/** Which online key of the hub may sign which kind (architecture, Trust). */
export const HUB_PURPOSE: { readonly [K in Kind]?: Root['keys'][number]['purpose'] } = {
  directory: 'directory',
  status: 'directory',
  admission: 'directory',
  decision: 'directory',
  agreement: 'directory',
  'agreement-change': 'directory',
  grant: 'grant',
}

/** The hub's key for a kind, named by one of these roots and valid at that time. SIGNER_FORBIDDEN, SIGNER_UNKNOWN. */
export function findHubKey(roots: readonly Root[], kind: Kind, thumbprint: string, at: Date): KeyObject {
  const purpose = HUB_PURPOSE[kind]
  if (purpose === undefined) throw new Refusal('SIGNER_FORBIDDEN', { kind })
  for (const root of roots) {
    for (const key of root.keys) {
      const der = fromBase64url(key.certificate)
      if (sha256(der) !== thumbprint) continue
      // One purpose each: a stolen grant key must not speak for the directory.
      if (!(key.purpose === purpose)) throw new Refusal('SIGNER_FORBIDDEN', { kind, purpose: key.purpose })
      return checkCertificate(der, 'hub-document', root.cas, at).publicKey
    }
  }
  throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
}
