import { fromBase64url } from './base64url.ts'
import { type CheckedCertificate, checkCertificate } from './certificates.ts'
import type { Clock } from './clock.ts'
import type { Listed } from './directory-parts.ts'
import { sha256 } from './hash.ts'
import type { Directory, MemberEntry, RegisteredCertificate, Root, StatusListDocument } from './kinds.ts'
import type { Limits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { refuseStanding } from './refuse-standing.ts'
import { type Status, type StatusBits, statusAt } from './status-list.ts'

/** A certificate that counts now, with the member it speaks for. */
export interface TrustedCertificate extends Omit<CheckedCertificate, 'subjectMember'> {
  readonly member: MemberEntry
  readonly registered: RegisteredCertificate
}

/** The newest status list that was accepted. */
export interface KnownStatus {
  readonly text: string
  readonly payload: StatusListDocument
  readonly bits: StatusBits
}

/** What is believed at the moment of a question. */
interface Believed {
  readonly clock: Pick<Clock, 'now' | 'date'>
  readonly limits: () => Limits
  readonly root: () => Root
  readonly directory: () => Directory | undefined
  readonly status: () => KnownStatus | undefined
  readonly findRegistered: (thumbprint: string) => Listed | undefined
}

/** Which certificates count, by what is believed when it is asked. */
export function createCertificateJudge({ clock, limits, root, directory, status, findRegistered }: Believed) {
  const readCertificate = createCertificateReader(root, clock)

  /** Protocol 3.1: a certificate counts if a listed CA issued it, the directory registers it and its status is good. */
  function requireCertificate(thumbprint: string, use: RegisteredCertificate['use']): TrustedCertificate {
    requireFreshDirectory()
    const found = findRegistered(thumbprint)
    if (found === undefined || found.registered.use !== use)
      throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint })
    requireFreshStatus()
    requireGood(statusOf(found.registered.status), found.member)
    const certificate = readCertificate(found.registered, use)
    requireInForce(certificate, found, clock.now(), limits().clockSkewSeconds)
    return { ...certificate, ...found }
  }

  /** The last good status list may be up to `exp` old (24 h); past it no pull is opened or continued. */
  function requireFreshStatus(): void {
    const list = status()?.payload
    if (list === undefined) throw new Refusal('STATUS_STALE')
    const end = Math.min(list.exp, list.iat + limits().statusExpirySeconds)
    if (!(clock.now() < end)) throw new Refusal('STATUS_STALE', { version: list.version })
  }

  /** Past 72 h nothing of another party is accepted but a newer root or directory. */
  function requireFreshDirectory(): void {
    const newest = directory()
    if (newest === undefined) throw new Refusal('DIRECTORY_STALE')
    const end = Math.min(newest.exp, newest.iat + limits().directoryExpirySeconds)
    if (!(clock.now() < end)) throw new Refusal('DIRECTORY_STALE', { version: newest.version })
  }

  function statusOf(place: number): Status {
    const list = status()
    return list === undefined ? 'revoked' : statusAt(list.bits, place)
  }

  return { requireCertificate, requireFreshDirectory, requireFreshStatus, statusOf }
}

/** Reads certificates that the directory registers, each once under a root: a chain to one of its CAs, the profile of its use. */
function createCertificateReader(root: () => Root, clock: Pick<Clock, 'date'>) {
  let checked = new Map<string, CheckedCertificate>()
  let under: Root | undefined

  return (
    { thumbprint, certificate }: RegisteredCertificate,
    use: RegisteredCertificate['use'],
  ): CheckedCertificate => {
    // A newer root may have dropped the CA.
    if (under !== root()) checked = new Map()
    under = root()
    const known = checked.get(`${use} ${thumbprint}`)
    if (known !== undefined) return known
    const der = fromBase64url(certificate)
    if (!(sha256(der) === thumbprint)) throw new Refusal('CERTIFICATE_INVALID', { thumbprint })
    const made = checkCertificate(der, use === 'tls' ? 'tls-client' : 'member-signing', under.cas, clock.date())
    checked.set(`${use} ${thumbprint}`, made)
    return made
  }
}

/** Neither the certificate nor its member is revoked or suspended. */
function requireGood(of: Status, member: MemberEntry): void {
  if (of === 'revoked' || member.standing === 'revoked') throw refuseStanding('CERTIFICATE_REVOKED', member)
  if (member.standing === 'suspended') throw refuseStanding('MEMBER_SUSPENDED', member)
  if (!(of === 'good')) throw refuseStanding('CERTIFICATE_SUSPENDED', member)
}

/** It is of its time (`now` in Unix seconds, `skew` seconds of grace before it begins) and names no other member. */
function requireInForce(
  certificate: CheckedCertificate,
  { member, registered: { thumbprint } }: Listed,
  now: number,
  skew: number,
): void {
  const { notBefore, notAfter, subjectMember } = certificate
  if (!(now * 1000 <= notAfter.getTime()))
    throw new Refusal('CERTIFICATE_EXPIRED', { thumbprint, notAfter: notAfter.toISOString() })
  if (!(notBefore.getTime() <= (now + skew) * 1000)) throw new Refusal('CERTIFICATE_NOT_YET_VALID', { thumbprint })
  if (!(subjectMember === undefined || subjectMember === member.id))
    throw new Refusal('MEMBER_MISMATCH', { thumbprint })
}
