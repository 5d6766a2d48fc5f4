import { X509Certificate } from 'node:crypto'
import { fromBase64url } from './base64url.ts'
import { type ParsedDocument, type ParsedSignature, parseDocument, type Role, verifySignature } from './document.ts'
import { sha256 } from './hash.ts'
import type { Root } from './kinds.ts'
import { Refusal } from './refusal.ts'
import { markVerified, type Verified } from './verified.ts'

/** A root document that fits the line of roots behind a pinned fingerprint. */
export interface VerifiedRoot {
  readonly id: string
  readonly text: string
  readonly payload: Root
  /** SHA-256 of the root certificate: the fingerprint people compare. */
  readonly fingerprint: string
}

/** Protocol 2.2: the line must contain the pinned fingerprint; every document is signed by its own key and the one before it. */
export function verifyRootLine(texts: readonly string[], fingerprint: string): Verified<readonly VerifiedRoot[]> {
  const line: VerifiedRoot[] = []
  for (const text of texts) line.push(verifyNextRoot(text, line.at(-1)))
  // Without the pinned root a stranger's whole line would verify against itself.
  if (!line.some((root) => root.fingerprint === fingerprint))
    throw new Refusal('ROOT_MISMATCH', { pinned: fingerprint, offered: line.map((root) => root.fingerprint) })
  return markVerified(line)
}

/** Protocol 2.1: one step of the line. `before` is undefined for version 1 only. */
export function verifyNextRoot(text: string, before: VerifiedRoot | undefined): VerifiedRoot {
  const document = parseDocument('root', text)
  const { payload } = document
  const fingerprint = sha256(fromBase64url(payload.certificate))
  requireOwnSignature(document, fingerprint, payload)
  if (before === undefined) requireFirst(payload, fingerprint)
  else requireSuccessor(document, fingerprint, before)
  return { id: document.id, text, payload, fingerprint }
}

function requireFirst(payload: Root, fingerprint: string): void {
  if (!(payload.version === 1 && payload.previous === null))
    throw new Refusal('ROOT_INVALID', { rule: 'the line starts at version 1' })
  // The network is named by its first root, so no document of another network passes for one of ours.
  if (!(payload.net === fingerprint)) throw new Refusal('NETWORK_MISMATCH', { net: payload.net, fingerprint })
}

function requireSuccessor(document: ParsedDocument<'root'>, fingerprint: string, before: VerifiedRoot): void {
  const { payload } = document
  if (!(payload.net === before.payload.net)) throw new Refusal('NETWORK_MISMATCH', { net: payload.net })
  // Rollback: an older root could bring back a compromised key.
  if (!(payload.version === before.payload.version + 1))
    throw new Refusal('ROOT_ROLLBACK', { version: payload.version, after: before.payload.version })
  if (!(payload.previous === before.id)) throw new Refusal('ROOT_INVALID', { rule: 'previous names the root before' })
  if (fingerprint === before.fingerprint) return
  // A new root key needs the word of the old one, or anybody could start a new line at N+1.
  verifySignature(signatureOf(document, 'previous', before.fingerprint), rootKey(before.payload))
}

function requireOwnSignature(document: ParsedDocument<'root'>, fingerprint: string, payload: Root): void {
  verifySignature(signatureOf(document, 'root', fingerprint), rootKey(payload))
}

function signatureOf(document: ParsedDocument<'root'>, role: Role, thumbprint: string): ParsedSignature {
  const found = document.signatures.filter((one) => one.role === role)
  const [signature] = found
  if (signature === undefined || found.length !== 1) throw new Refusal('SIGNATURES_INCOMPLETE', { missing: role })
  if (!(signature.thumbprint === thumbprint))
    throw new Refusal('ROOT_INVALID', { rule: `the ${role} signature names its certificate` })
  return signature
}

function rootKey(payload: Root) {
  const certificate = new X509Certificate(fromBase64url(payload.certificate))
  const { publicKey } = certificate
  if (!(certificate.ca && certificate.checkIssued(certificate) && certificate.verify(publicKey)))
    throw new Refusal('ROOT_INVALID', { rule: 'the root certificate is a self-signed CA' })
  if (!(publicKey.asymmetricKeyType === 'ec' && publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1'))
    throw new Refusal('ROOT_INVALID', { rule: 'P-256' })
  return publicKey
}
