import { verifyCsr } from '#pki/requests.ts'
import { fromBase64url } from './base64url.ts'
import { keyOfCertificate, refusingPki } from './certificates.ts'
import { onlySignature, parseDocument, verifySignature } from './document.ts'
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
 * so the hub cannot put a key of its own in a member's place. KEY_NOT_CONTINUED when it does not.
 */
export async function verifyContinuity(
  certificate: { readonly certificate: string; readonly request: string },
  anchor: string,
  fetchStep: (request: string) => Promise<KeyStep>,
): Promise<void> {
  let target = keyOfCertificate(fromBase64url(certificate.certificate))
  let request = certificate.request
  for (let step = 0; step < MOST_STEPS; step++) {
    if (target.thumbprint === anchor) return
    const found = await fetchStep(request)
    const document = parseDocument('certificate-request', found.request)
    if (!(document.id === request)) throw broken('the request has the hash the directory names')
    const keys = [askedKey(document.payload.tls), askedKey(document.payload.signing)]
    if (!keys.some((spki) => spki.equals(target.spki))) throw broken('the certificate bears a key this request asked for')
    if (found.previous === null || document.payload.previous === null) throw broken('the line reaches the earlier key')
    const previous = keyOfCertificate(fromBase64url(found.previous))
    const signature = onlySignature(document)
    if (!(previous.thumbprint === document.payload.previous && signature.thumbprint === previous.thumbprint)) throw broken('the request is signed by the certificate it names')
    verifySignature(signature, previous.publicKey)
    if (previous.thumbprint === anchor) return
    target = previous
    request = await requestOf(previous.thumbprint, fetchStep)
  }
  throw broken('the line is shorter than 400 steps')
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
