import { createPublicKey } from 'node:crypto'
import { verifyCsr } from '#pki/requests.ts'
import { fromBase64url } from './base64url.ts'
import { keyOfCertificate, refusingPki } from './certificates.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from './document.ts'
import { sha256 } from './hash.ts'
import { Refusal } from './refusal.ts'

/** One step back in a member's line of keys: the request a certificate came from, and the certificate that signed it. */
export interface KeyStep {
  readonly request: string
  /** base64url DER of the signing certificate before it; null at enrolment. */
  readonly previous: string | null
}

/** Longest line followed: twenty years of pairs renewed every twenty days. */
const MOST_STEPS = 400

/**
 * Protocol 3.4: does `certificate` (base64url DER, registered under `request`) descend, request by request, from the
 * certificate `anchor` (thumbprint) that signed before? The hub only carries the steps; each is proved by its signature,
 * so the hub cannot put a key of its own in a member's place. `signer` is the anchor's certificate (base64url DER) and
 * request as first seen, when at hand: it lets the TLS certificate of the same pair count. KEY_NOT_CONTINUED otherwise.
 */
export async function verifyContinuity(
  certificate: { readonly certificate: string; readonly request: string },
  anchor: string,
  fetchStep: (request: string) => Promise<KeyStep>,
  signer?: { readonly certificate: string; readonly request: string },
): Promise<void> {
  const signerKey = signer === undefined ? undefined : spkiOfAnchor(signer.certificate, anchor)
  let target = keyOfCertificate(fromBase64url(certificate.certificate))
  let request = certificate.request
  for (let step = 0; step < MOST_STEPS; step++) {
    if (target.thumbprint === anchor) return
    const found = await fetchStep(request)
    const document = parseDocument('certificate-request', found.request)
    if (!(document.id === request)) throw broken('the request has the hash the directory names')
    const signingKey = askedKey(document.payload.signing)
    // Only the certificate in question may be the TLS one of its pair; requests are signed by signing keys.
    const keys = step === 0 ? [askedKey(document.payload.tls), signingKey] : [signingKey]
    if (!keys.some((spki) => spki.equals(target.spki)))
      throw broken('the certificate bears a key this request asked for')
    const previous = verifyStep(document, found.previous, signingKey)
    // Attack: a CSR proves possession once and for all, so anybody may put the signer's CSR beside a key of his own. The pair
    // counts only if the signer's key signed this very request, or if it is the request the signer's certificate came from.
    const isSignersOwn = previous === undefined || document.id === signer?.request
    if (signerKey?.equals(signingKey) === true && isSignersOwn) return
    if (previous === undefined) throw broken('the line reaches the earlier key')
    if (previous.thumbprint === anchor) return
    target = previous
    request = await requestOf(previous.thumbprint, fetchStep)
  }
  throw broken('the line is shorter than 400 steps')
}

/**
 * A request is signed by the signing certificate before it, at enrolment by the signing key it asks for: otherwise a
 * stranger could put another's CSR beside one of its own. Returns the certificate before, undefined at enrolment.
 */
function verifyStep(document: ParsedDocument<'certificate-request'>, before: string | null, signingKey: Buffer) {
  const signature = onlySignature(document)
  const { previous } = document.payload
  if (previous === null) {
    if (!(before === null && signature.thumbprint === sha256(signingKey)))
      throw broken('an enrolment is signed by its own key')
    verifySignature(signature, createPublicKey({ key: signingKey, format: 'der', type: 'spki' }))
    return undefined
  }
  const certificate = keyOfCertificate(fromBase64url(before ?? ''))
  if (!(certificate.thumbprint === previous && signature.thumbprint === previous))
    throw broken('the request is signed by the certificate it names')
  verifySignature(signature, certificate.publicKey)
  return certificate
}

/** Key of the certificate that signed, when it is at hand: it must be the very one. */
function spkiOfAnchor(certificate: string, anchor: string): Buffer {
  const { spki, thumbprint } = keyOfCertificate(fromBase64url(certificate))
  if (!(thumbprint === anchor)) throw broken('the earlier certificate is the one that signed')
  return spki
}

/** The hub names the request behind an older certificate when asked by thumbprint instead of request hash. */
async function requestOf(thumbprint: string, fetchStep: (request: string) => Promise<KeyStep>): Promise<string> {
  const { request } = await fetchStep(thumbprint)
  return parseDocument('certificate-request', request).id
}

function askedKey(proof: { csr: string } | { certificate: string; chain: string[] }): Buffer {
  if ('certificate' in proof) return keyOfCertificate(fromBase64url(proof.certificate)).spki
  return refusingPki(() => verifyCsr(fromBase64url(proof.csr)).publicKey)
}

function broken(rule: string): Refusal {
  return new Refusal('KEY_NOT_CONTINUED', { rule })
}
