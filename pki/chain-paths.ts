/** Possible paths from a certificate to an anchor, by names alone; `verifyChain` decides which of them holds. */
import { PkiError } from './error.ts'
import type { Certificate } from './parse-certificate.ts'

/** Certificates in a path, both ends counted: root, issuing authority, end entity, and one to spare for external authorities. */
export const maxPathLength = 4

const maxCertificates = 16
const maxPaths = 8

/** Where a path may end. An administrator's listing makes an external authority; our own are those of the `root` document. */
export interface Anchor {
  readonly certificate: Certificate
  readonly external: boolean
}

/** Anchor first, as RFC 5280 section 6.1 counts; the last one is the certificate in question. */
export interface CandidatePath {
  readonly anchor: Anchor
  readonly below: readonly Certificate[]
}

/** Refuses lists longer than anything honest and any certificate shown twice, before a signature is computed. */
export function checkPresented(leaf: Certificate, intermediates: readonly Certificate[]): void {
  if (!(intermediates.length < maxCertificates)) throw new PkiError('CERTIFICATE_PROFILE', 'too-many-certificates')
  const shown = [leaf, ...intermediates].map(({ thumbprint }) => thumbprint)
  if (new Set(shown).size !== shown.length) throw new PkiError('CERTIFICATE_PROFILE', 'duplicate-certificate')
}

/** At most 8 paths: many authorities of one name are an attack on the time of the verifier. Throws when a path would be too long. */
export function pathsOf(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Anchor[],
): CandidatePath[] {
  const isAnchor = anchors.find(({ certificate }) => certificate.thumbprint === leaf.thumbprint)
  if (isAnchor !== undefined) return [{ anchor: isAnchor, below: [] }]
  const paths: CandidatePath[] = []
  let tooLong = false
  const extend = (below: readonly Certificate[]): void => {
    const top = below[0] as Certificate
    for (const anchor of anchors) if (isIssuerName(anchor.certificate, top)) paths.push({ anchor, below })
    for (const next of intermediates) {
      if (paths.length >= maxPaths) return
      if (
        !isIssuerName(next, top) ||
        below.includes(next) ||
        anchors.some((anchor) => anchor.certificate.thumbprint === next.thumbprint)
      )
        continue
      if (below.length + 2 > maxPathLength) tooLong = true
      else extend([next, ...below])
    }
  }
  extend([leaf])
  if (paths.length === 0 && tooLong) throw new PkiError('CERTIFICATE_PROFILE', 'path-too-long')
  return paths.slice(0, maxPaths)
}

/** RFC 5280 section 6.1.3 (a)(4). */
function isIssuerName(issuer: Certificate, certificate: Certificate): boolean {
  return issuer.subject.der.equals(certificate.issuer.der)
}
