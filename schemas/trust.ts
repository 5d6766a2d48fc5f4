import type { KeyObject } from 'node:crypto'
import { fromBase64url } from './base64url.ts'
import { type CheckedCertificate, checkCertificate } from './certificates.ts'
import type { Clock } from './clock.ts'
import { type DirectoryParts, indexParts, type Listed, readParts } from './directory-parts.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from './document.ts'
import { sha256 } from './hash.ts'
import type { Directory, Kind, MemberEntry, RegisteredCertificate, Root, StatusListDocument } from './kinds.ts'
import { LIMITS, type Limits, type TightenableLimit, tightenLimits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { decodeStatusList, findUnrevoked, type Status, type StatusBits, statusAt } from './status-list.ts'
import { markVerified, type Verified } from './verified.ts'
import { type VerifiedRoot, verifyNextRoot } from './verify-root.ts'

/** A certificate that counts now, with the member it speaks for. */
export interface TrustedCertificate extends Omit<CheckedCertificate, 'subjectMember'> {
  readonly member: MemberEntry
  readonly registered: RegisteredCertificate
}

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

/** What one party believes: the newest root, directory and status list it has accepted, each never going back. */
export type Trust = ReturnType<typeof createTrust>

/**
 * Trust as a value: documents go in by `accept…`, which verify and refuse rollbacks; questions come out by `require…`.
 * `roots` is a verified line, oldest first. Nothing here touches disk: keep the accepted texts and replay them at start.
 */
export function createTrust(
  roots: Verified<readonly VerifiedRoot[]>,
  clock: Clock,
  own: Partial<Record<TightenableLimit, number>> = {},
) {
  const line = [...roots]
  let directory: { id: string; text: string; payload: Directory } | undefined
  let status: { text: string; payload: StatusListDocument; bits: StatusBits } | undefined
  let known: DirectoryParts = new Map()
  let members = new Map<string, MemberEntry>()
  let registered = new Map<string, Listed>()
  let checked = new Map<string, CheckedCertificate>()

  const newestRoot = () => line.at(-1) as VerifiedRoot
  const net = newestRoot().payload.net

  /** Protocol 2.3: the next root; the same again is no change; a gap or step back is refused. Returns whether it is new. */
  function acceptRoot(text: string): boolean {
    if (text === newestRoot().text) return false
    line.push(verifyNextRoot(text, newestRoot()))
    checked = new Map()
    return true
  }

  /** Protocol 2.4: verifies a directory under the newest root and its parts by hash. Returns whether it is new. */
  function acceptDirectory(text: string, parts: ReadonlyMap<string, Uint8Array>): boolean {
    if (text === directory?.text) return false
    const document = verifyHub('directory', text)
    const { payload } = document
    // Rollback: an older directory would bring back a revoked member.
    if (!(payload.version > (directory?.payload.version ?? 0)))
      throw new Refusal('DIRECTORY_ROLLBACK', { version: payload.version, newest: directory?.payload.version })
    // Mix-and-match: a directory belongs to the root its signer meant.
    if (!(payload.root.version === newestRoot().payload.version && payload.root.hash === newestRoot().id))
      throw new Refusal('ROOT_ROLLBACK', { directory: payload.root.version, root: newestRoot().payload.version })
    const read = readParts(payload.parts, parts, known)
    clock.raiseFloor(payload.iat)
    directory = { id: document.id, text, payload }
    known = read
    ;({ members, registered } = indexParts(read))
    return true
  }

  /** Protocol 2.5: a newer status list. Revoked is final: a list that takes one back is refused. Returns whether it is new. */
  function acceptStatus(text: string): boolean {
    if (text === status?.text) return false
    const { payload } = verifyHub('status', text)
    if (!(payload.version > (status?.payload.version ?? 0)))
      throw new Refusal('STATUS_ROLLBACK', { version: payload.version, newest: status?.payload.version })
    const bits = decodeStatusList(payload.status_list.lst, payload.regions)
    const unrevoked = status === undefined ? [] : findUnrevoked(status.bits, bits)
    if (unrevoked.length > 0)
      throw new Refusal('STATUS_ROLLBACK', { places: unrevoked.slice(0, 16), rule: 'revoked is final' })
    clock.raiseFloor(payload.iat)
    status = { text, payload, bits }
    return true
  }

  /** Protocol 1.4: a document the hub signed with the online key of the right purpose, named by the newest root. */
  function verifyHub<K extends Kind>(kind: K, text: string): Verified<ParsedDocument<K>> {
    const document = parseDocument(kind, text)
    requireNet(document.net)
    const signature = onlySignature(document)
    verifySignature(signature, hubKey(kind, signature.thumbprint))
    return markVerified(document)
  }

  /** The hub's key for a kind. With `signedAt` (Unix seconds) an older root's key counts too: kept documents outlive a rotation. */
  function hubKey(kind: Kind, thumbprint: string, signedAt?: number): KeyObject {
    const purpose = HUB_PURPOSE[kind]
    if (purpose === undefined) throw new Refusal('SIGNER_FORBIDDEN', { kind })
    for (const root of signedAt === undefined ? [newestRoot()] : line.toReversed()) {
      for (const key of root.payload.keys) {
        const der = fromBase64url(key.certificate)
        if (sha256(der) !== thumbprint) continue
        // One purpose each: a stolen grant key must not speak for the directory.
        if (!(key.purpose === purpose)) throw new Refusal('SIGNER_FORBIDDEN', { kind, purpose: key.purpose })
        return checkCertificate(
          der,
          'hub-document',
          root.payload.cas,
          signedAt === undefined ? clock.date() : new Date(signedAt * 1000),
        ).publicKey
      }
    }
    throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
  }

  function requireNet(theirs: string): void {
    if (!(theirs === net)) throw new Refusal('NETWORK_MISMATCH', { net: theirs })
  }

  /** Protocol 3.1: a certificate counts if a listed CA issued it, the directory registers it and its status is good. */
  function requireCertificate(thumbprint: string, use: RegisteredCertificate['use']): TrustedCertificate {
    requireFreshDirectory()
    const found = registered.get(thumbprint)
    if (found === undefined || found.registered.use !== use)
      throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint })
    requireFreshStatus()
    requireGood(statusOf(found.registered.status), found.member)
    const certificate = checkedOf(found.registered, use)
    if (!(clock.now() * 1000 <= certificate.notAfter.getTime()))
      throw new Refusal('CERTIFICATE_EXPIRED', { thumbprint, notAfter: certificate.notAfter.toISOString() })
    if (!(certificate.notBefore.getTime() <= (clock.now() + limits().clockSkewSeconds) * 1000))
      throw new Refusal('CERTIFICATE_NOT_YET_VALID', { thumbprint })
    if (!(certificate.subjectMember === undefined || certificate.subjectMember === found.member.id))
      throw new Refusal('MEMBER_MISMATCH', { thumbprint })
    return { ...certificate, ...found }
  }

  function requireGood(of: Status, member: MemberEntry): void {
    if (of === 'revoked' || member.standing === 'revoked')
      throw new Refusal('CERTIFICATE_REVOKED', { member: member.id })
    if (member.standing === 'suspended') throw new Refusal('MEMBER_SUSPENDED', { member: member.id })
    if (!(of === 'good')) throw new Refusal('CERTIFICATE_SUSPENDED', { member: member.id })
  }

  function checkedOf(certificate: RegisteredCertificate, use: RegisteredCertificate['use']): CheckedCertificate {
    const known = checked.get(`${use} ${certificate.thumbprint}`)
    if (known !== undefined) return known
    const der = fromBase64url(certificate.certificate)
    if (!(sha256(der) === certificate.thumbprint))
      throw new Refusal('CERTIFICATE_INVALID', { thumbprint: certificate.thumbprint })
    const made = checkCertificate(
      der,
      use === 'tls' ? 'tls-client' : 'member-signing',
      newestRoot().payload.cas,
      clock.date(),
    )
    checked.set(`${use} ${certificate.thumbprint}`, made)
    return made
  }

  /** Protocol 1.3: a member's document, signed by a signing certificate good now. Returns the signer with it. */
  function verifyMember<K extends Kind>(
    kind: K,
    text: string,
  ): { document: Verified<ParsedDocument<K>>; signer: TrustedCertificate } {
    const document = parseDocument(kind, text)
    requireNet(document.net)
    const signature = onlySignature(document)
    const signer = requireCertificate(signature.thumbprint, 'signing')
    verifySignature(signature, signer.publicKey)
    return { document: markVerified(document), signer }
  }

  /** The last good status list may be up to `exp` old (24 h); past it no pull is opened or continued. */
  function requireFreshStatus(): void {
    if (status === undefined) throw new Refusal('STATUS_STALE')
    const end = Math.min(status.payload.exp, status.payload.iat + limits().statusExpirySeconds)
    if (!(clock.now() < end)) throw new Refusal('STATUS_STALE', { version: status.payload.version })
  }

  /** Past 72 h nothing of another party is accepted but a newer root or directory. */
  function requireFreshDirectory(): void {
    if (directory === undefined) throw new Refusal('DIRECTORY_STALE')
    const end = Math.min(directory.payload.exp, directory.payload.iat + limits().directoryExpirySeconds)
    if (!(clock.now() < end)) throw new Refusal('DIRECTORY_STALE', { version: directory.payload.version })
  }

  function statusOf(place: number): Status {
    return status === undefined ? 'revoked' : statusAt(status.bits, place)
  }

  function limits(): Limits {
    return directory === undefined ? LIMITS : tightenLimits(directory.payload.policy.limits as object, own)
  }

  return {
    net,
    acceptRoot,
    acceptDirectory,
    acceptStatus,
    verifyHub,
    verifyMember,
    hubKey,
    requireNet,
    requireCertificate,
    requireFreshDirectory,
    requireFreshStatus,
    statusOf,
    limits,
    roots: (): readonly VerifiedRoot[] => line,
    root: (): Root => newestRoot().payload,
    directory: () => directory,
    status: () => status,
    members: (): Iterable<MemberEntry> => members.values(),
    findMember: (id: string): MemberEntry | undefined => members.get(id),
    findRegistered: (thumbprint: string) => registered.get(thumbprint),
  }
}
