import { toBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Directory, MemberEntry, RegisteredCertificate } from '#schemas/kinds.ts'
import { urlOf } from '../config.ts'
import { DEFAULT_NETWORKS, isLoopbackHost } from '../networks.ts'
import type { Registry } from '../registry.ts'
import type { CertificateRow } from '../store/certificates.ts'
import type { MemberRow } from '../store/members.ts'
import { effectiveStanding, standingSponsorships } from './standing.ts'

/** A certificate stays listed this long after its end: what it signed in its last hours may arrive a pull's life later. */
export const LISTED_AFTER_END_SECONDS = 10 * 86_400
/** The newest this many of a member, which is all that the schema holds. */
const LISTED_MOST = 32
const MEMBERS_PER_PART = 32
const PARTS_MOST = 4_096

/** What the store says, as the payload of a directory without its number and times. */
export interface DirectoryDraft {
  readonly content: Pick<Directory, 'phase' | 'policy' | 'hub' | 'parts'>
  readonly parts: ReadonlyMap<string, Buffer>
}

/** Protocol 2.4: members by hash in parts, so that a large directory is fetched by what changed. */
export function buildDirectory(r: Registry): DirectoryDraft {
  const members = r.members.all()
  const certificates = Map.groupBy(
    r.certificates.listedSince(r.clock.now() - LISTED_AFTER_END_SECONDS),
    ({ member }) => member,
  )
  const count = partCount(members.length)
  const byPart = Map.groupBy(members, ({ id }) => partOf(id, count))
  const parts = Array.from({ length: count }, (_, number) => {
    const entries = (byPart.get(number) ?? []).map((member) =>
      memberEntry(r, member, certificates.get(member.id) ?? []),
    )
    return Buffer.from(JSON.stringify({ members: entries }))
  })
  const hashes = parts.map((bytes) => sha256(bytes))
  return {
    content: {
      phase: r.facts.find('phase') === 'rollout' ? 'rollout' : 'construction',
      policy: policyOf(r),
      hub: hubOf(r),
      parts: hashes,
    },
    parts: new Map(hashes.map((hash, index) => [hash, parts[index] as Buffer])),
  }
}

/** Protocol 2.4: first 32 bits of SHA-256(id) mod number of parts. */
export function partOf(id: string, count: number): number {
  return Number.parseInt(sha256(id).slice(0, 8), 16) % count
}

/** A power of two, so that growth moves members seldom and then all at once. */
function partCount(members: number): number {
  let count = 1
  while (count * MEMBERS_PER_PART < members && count < PARTS_MOST) count *= 2
  return count
}

function memberEntry(r: Registry, row: MemberRow, certificates: readonly CertificateRow[]): MemberEntry {
  return {
    id: row.id,
    name: row.name,
    class: row.class,
    standing: effectiveStanding(r, row),
    admission: row.admission,
    endpoint: row.endpoint,
    sponsors: standingSponsorships(r, row.id)
      .slice(0, 64)
      .map(({ id, sponsor, until }) => ({ sponsorship: id, sponsor, until: until === null ? null : toRfc3339(until) })),
    certificates: certificates.slice(0, LISTED_MOST).map(registered),
  }
}

function registered({ use, thumbprint, der, request, place }: CertificateRow): RegisteredCertificate {
  return { use, thumbprint, certificate: toBase64url(der), request, status: place }
}

function policyOf({ config }: Registry): Directory['policy'] {
  const networks = config.networks.length > 0 ? config.networks : DEFAULT_NETWORKS
  return { limits: { ...config.limits }, networks: [...networks], loopback: isLoopbackHost(config.host) }
}

function hubOf({ config }: Registry): Directory['hub'] {
  const at = (port: number) => urlOf('https', config.address, port)
  return {
    name: config.name,
    member: at(config.ports.member),
    enrolment: at(config.ports.enrolment),
    public: config.publicUrl,
  }
}
