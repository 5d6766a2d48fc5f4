import type { KeyObject } from 'node:crypto'
import type { Clock } from './clock.ts'
import { type DirectoryParts, indexParts, type Listed, readParts } from './directory-parts.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from './document.ts'
import { findHubKey } from './hub-keys.ts'
import { createCertificateJudge, type KnownStatus, type TrustedCertificate } from './judge-certificates.ts'
import type { Directory, Kind, MemberEntry, Root, StatusListDocument } from './kinds.ts'
import { LIMITS, type Limits, type TightenableLimit, tightenLimits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { decodeStatusList, findUnrevoked, type StatusBits } from './status-list.ts'
import { markVerified, type Verified } from './verified.ts'
import { type VerifiedRoot, verifyNextRoot } from './verify-root.ts'

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
  let status: KnownStatus | undefined
  let known: DirectoryParts = new Map()
  let members = new Map<string, MemberEntry>()
  let registered = new Map<string, Listed>()

  const newestRoot = () => line.at(-1) as VerifiedRoot
  const net = newestRoot().payload.net
  const judge = createCertificateJudge({
    clock,
    limits,
    root: () => newestRoot().payload,
    directory: () => directory?.payload,
    status: () => status,
    findRegistered: (thumbprint) => registered.get(thumbprint),
  })

  /** Protocol 2.3: the next root; the same again is no change; a gap or step back is refused. Returns whether it is new. */
  function acceptRoot(text: string): boolean {
    if (text === newestRoot().text) return false
    line.push(verifyNextRoot(text, newestRoot()))
    return true
  }

  /** Protocol 2.4: verifies a directory under the newest root and its parts by hash. Returns whether it is new. */
  function acceptDirectory(text: string, parts: ReadonlyMap<string, Uint8Array>): boolean {
    if (text === directory?.text) return false
    const document = verifyHub('directory', text)
    const { payload } = document
    requireNewer(payload, directory?.payload, newestRoot())
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
    const bits = readNewerStatus(payload, status)
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
    if (signedAt === undefined) return findHubKey([newestRoot().payload], kind, thumbprint, clock.date())
    const roots = line.toReversed().map(({ payload }) => payload)
    return findHubKey(roots, kind, thumbprint, new Date(signedAt * 1000))
  }

  function requireNet(theirs: string): void {
    if (!(theirs === net)) throw new Refusal('NETWORK_MISMATCH', { net: theirs })
  }

  /** Protocol 1.3: a member's document, signed by a signing certificate good now. Returns the signer with it. */
  function verifyMember<K extends Kind>(
    kind: K,
    text: string,
  ): { document: Verified<ParsedDocument<K>>; signer: TrustedCertificate } {
    const document = parseDocument(kind, text)
    requireNet(document.net)
    const signature = onlySignature(document)
    const signer = judge.requireCertificate(signature.thumbprint, 'signing')
    verifySignature(signature, signer.publicKey)
    return { document: markVerified(document), signer }
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
    ...judge,
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

function requireNewer({ version, root }: Directory, before: Directory | undefined, newest: VerifiedRoot): void {
  // Rollback: an older directory would bring back a revoked member.
  if (!(version > (before?.version ?? 0))) throw new Refusal('DIRECTORY_ROLLBACK', { version, newest: before?.version })
  // Mix-and-match: a directory belongs to the root its signer meant.
  if (!(root.version === newest.payload.version && root.hash === newest.id))
    throw new Refusal('ROOT_ROLLBACK', { directory: root.version, root: newest.payload.version })
}

function readNewerStatus(payload: StatusListDocument, before: KnownStatus | undefined): StatusBits {
  const { version, status_list: list, regions } = payload
  if (!(version > (before?.payload.version ?? 0)))
    throw new Refusal('STATUS_ROLLBACK', { version, newest: before?.payload.version })
  const bits = decodeStatusList(list.lst, regions)
  const unrevoked = before === undefined ? [] : findUnrevoked(before.bits, bits)
  if (unrevoked.length > 0)
    throw new Refusal('STATUS_ROLLBACK', { places: unrevoked.slice(0, 16), rule: 'revoked is final' })
  return bits
}
