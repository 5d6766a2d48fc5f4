import type { KeyObject } from 'node:crypto'
import { backdateSeconds } from '#pki/certificate-profiles.ts'
import { fromBase64url } from './base64url.ts'
import { checkCertificate } from './certificates.ts'
import { type ParsedSignature, parseDocument, verifySignature } from './document.ts'
import { DIRECTORY_PART } from './documents/trust.ts'
import { sha256 } from './hash.ts'
import { HUB_PURPOSE } from './hub-keys.ts'
import { parseJson } from './json.ts'
import type { Directory, Kind, MemberEntry } from './kinds.ts'
import { LIMITS } from './limits.ts'
import { type Proof, partsOfProof } from './proof.ts'
import { isRefusal, Refusal } from './refusal.ts'
import { validate } from './validate.ts'
import type { VerifiedRoot } from './verify-root.ts'

/** Who signed, by a key that counted when it did. Times are Unix seconds. */
export interface ProofSigner {
  /** Its code, or `hub`. */
  readonly signer: string
  readonly thumbprint: string
  readonly publicKey: KeyObject
  readonly at: number
  /** The certificate-request that both certificates of its pair came from; only of members. */
  readonly request?: string
  /** When its certificate was made. */
  readonly issued: number
}

/** A directory of the proof whose signature and parts hold, with the members those parts list. */
export interface ProofDirectory {
  readonly payload: Directory
  readonly members: readonly MemberEntry[]
}

/**
 * The directories of a proof, each signed under the root line and belonging to a root of it, those of its parts that are
 * there by their hashes.
 */
export function openDirectories(proof: Proof, roots: readonly VerifiedRoot[]): ProofDirectory[] {
  return proof.directories.map(({ directory, parts }) => {
    const { payload, net, signatures } = parseDocument('directory', directory)
    if (!(net === roots[0]?.payload.net)) throw new Refusal('NETWORK_MISMATCH', { net })
    const signature = signatures[0] as ParsedSignature
    verifySignature(signature, hubSigner('directory', signature.thumbprint, payload.iat, roots).publicKey)
    rootOf(payload, roots)
    const signed = partsOfProof(parts).filter((bytes) => payload.parts.includes(sha256(bytes)))
    return {
      payload,
      members: signed.flatMap((bytes) => validate(DIRECTORY_PART, parseJson(bytes), 'PROOF_INVALID').members),
    }
  })
}

/**
 * A signing certificate as the directory in force at `at` registers it, issued by a CA of that directory's root. What was
 * signed in the very second of a directory may have come before it: then it is enough that the one before registers it.
 */
export function memberSigner(
  thumbprint: string,
  at: number,
  roots: readonly VerifiedRoot[],
  directories: readonly ProofDirectory[],
): ProofSigner {
  let refusal = new Refusal('SIGNER_UNKNOWN', {
    thumbprint,
    rule: 'a directory in force when it was signed registers the signer',
  })
  for (const directory of inForce(directories, at)) {
    const listed = findListed(directory, thumbprint)
    if (listed === undefined) continue
    try {
      return checkListed(listed, thumbprint, at, rootOf(directory.payload, roots))
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (refusal.code === 'SIGNER_UNKNOWN') refusal = error
      if (directory.payload.iat !== at) break
    }
  }
  throw refusal
}

interface ListedSigner {
  readonly member: MemberEntry
  readonly certificate: MemberEntry['certificates'][number]
}

function findListed({ members }: ProofDirectory, thumbprint: string): ListedSigner | undefined {
  for (const member of members) {
    const certificate = member.certificates.find((one) => one.thumbprint === thumbprint && one.use === 'signing')
    if (certificate !== undefined) return { member, certificate }
  }
  return undefined
}

function checkListed({ member, certificate }: ListedSigner, thumbprint: string, at: number, root: VerifiedRoot) {
  const der = fromBase64url(certificate.certificate)
  if (!(sha256(der) === thumbprint)) throw new Refusal('CERTIFICATE_INVALID', { thumbprint })
  if (member.standing === 'revoked') throw new Refusal('CERTIFICATE_REVOKED', { member: member.id })
  if (!(member.standing === 'good')) throw new Refusal('MEMBER_SUSPENDED', { member: member.id })
  const checked = checkCertificate(der, 'member-signing', root.payload.cas, new Date(at * 1000))
  return { ...signerOf(member.id, checked, at), request: certificate.request }
}

/**
 * Those that stood at `at`, the newest before it first: whoever puts a proof together may lay an older one, from before a
 * revocation, in front. One that came within the clocks' difference after it is asked last.
 */
function inForce(directories: readonly ProofDirectory[], at: number): ProofDirectory[] {
  const standing = directories.filter(({ payload: { iat, exp } }) => iat <= at + LIMITS.clockSkewSeconds && at < exp)
  const before = standing.filter(({ payload }) => payload.iat <= at)
  const after = standing.filter(({ payload }) => payload.iat > at)
  return [
    ...before.toSorted((a, b) => b.payload.version - a.payload.version),
    ...after.toSorted((a, b) => a.payload.version - b.payload.version),
  ]
}

/** By hash too: whoever has an old root key can write another root of the same number. */
function rootOf({ root: named }: Directory, roots: readonly VerifiedRoot[]): VerifiedRoot {
  const found = roots.find(({ id, payload }) => payload.version === named.version && id === named.hash)
  if (found === undefined)
    throw new Refusal('PROOF_INVALID', { rule: 'the directory names a root of the line', version: named.version })
  return found
}

/**
 * The online key of the right purpose that a root of the line names. A key that a newer root dropped signs nothing dated
 * later than a directory's life after that: a root may be signed offline days before the hub takes it.
 */
export function hubSigner(kind: Kind, thumbprint: string, at: number, roots: readonly VerifiedRoot[]): ProofSigner {
  const naming = roots.filter(({ payload }) => findKey(payload, thumbprint) !== undefined)
  const [first] = naming
  const last = naming.at(-1)
  if (first === undefined || last === undefined) throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
  const key = findKey(first.payload, thumbprint) as NonNullable<ReturnType<typeof findKey>>
  if (!(key.purpose === HUB_PURPOSE[kind])) throw new Refusal('SIGNER_FORBIDDEN', { kind, purpose: key.purpose })
  const dropped = roots.find(({ payload }) => payload.version === last.payload.version + 1)?.payload.iat
  if (dropped !== undefined && !(at <= dropped + LIMITS.directoryExpirySeconds))
    throw new Refusal('SIGNER_UNKNOWN', { thumbprint, rule: 'the root in force when it was signed names the key' })
  const checked = checkCertificate(
    fromBase64url(key.certificate),
    'hub-document',
    first.payload.cas,
    new Date(at * 1000),
  )
  return signerOf('hub', checked, at)
}

/** Is this an online key of the hub, whatever its purpose? */
export function isHubKey(thumbprint: string, roots: readonly VerifiedRoot[]): boolean {
  return roots.some(({ payload }) => findKey(payload, thumbprint) !== undefined)
}

function findKey({ keys }: VerifiedRoot['payload'], thumbprint: string) {
  return keys.find(({ certificate }) => sha256(fromBase64url(certificate)) === thumbprint)
}

function signerOf(signer: string, checked: ReturnType<typeof checkCertificate>, at: number): ProofSigner {
  const { thumbprint, publicKey, notBefore } = checked
  return { signer, thumbprint, publicKey, at, issued: notBefore.getTime() / 1000 + backdateSeconds }
}
