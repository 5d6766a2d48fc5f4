import { toRfc3339 } from '#schemas/clock.ts'
import { tightenLimits } from '#schemas/limits.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import { findProposal, findRootAuthority } from './propose-root.ts'
import type { Office } from './sign-statement.ts'
import { effectiveStanding, standingSponsorships } from './standing.ts'

/** Every member with its standing and living certificates; times are RFC 3339. */
export function showMembers(r: Office) {
  return r.members.all().map((member) => ({
    id: member.id,
    name: member.name,
    class: member.class,
    state: effectiveStanding(r, member),
    reason: member.reason,
    endpoint: member.endpoint,
    since: toRfc3339(member.since),
    sponsors: standingSponsorships(r, member.id).map(({ sponsor, until }) => ({
      sponsor,
      until: until === null ? null : toRfc3339(until),
    })),
    certificates: r.certificates
      .ofMember(member.id)
      .filter(({ notAfter }) => notAfter >= r.clock.now())
      .map(({ thumbprint, use, request, notAfter }) => ({
        thumbprint,
        use,
        state: r.certificates.findPair(request)?.state,
        until: toRfc3339(notAfter),
      })),
  }))
}

/** Alarms that stand, oldest first. */
export function showAlarms(r: Office) {
  return r.alarms
    .standing()
    .map(({ id, kind, subject, since, summary }) => ({ id, kind, subject, since: toRfc3339(since), summary }))
}

/** The limits table as this hub's policy leaves it. */
export function showLimits(r: Office) {
  return tightenLimits(r.config.limits)
}

/** How the hub is, at a glance. */
export function showStatus(r: Office, listeners: Readonly<Record<string, string>>) {
  const root = r.trust.roots().at(-1) as VerifiedRoot
  const directory = r.trust.directory()?.payload
  const status = r.trust.status()?.payload
  return {
    name: r.config.name,
    dataDir: r.dataDir,
    listeners,
    now: r.clock.stamp(),
    net: r.trust.net,
    fingerprint: root.fingerprint,
    phase: directory?.phase,
    root: {
      version: root.payload.version,
      fingerprint: root.fingerprint,
      key: findRootAuthority(r) === undefined ? 'offline' : 'here',
      waiting: findProposal(r) !== undefined,
    },
    directory: directory && { version: directory.version, until: toRfc3339(directory.exp) },
    status: status && { version: status.version, until: toRfc3339(status.exp) },
    members: Object.fromEntries(
      Map.groupBy(r.members.all(), (member) => effectiveStanding(r, member))
        .entries()
        .map(([state, members]) => [state, members.length]),
    ),
    waiting: r.codes.waiting().length,
    alarms: r.alarms.standing().length,
    journal: r.journal.newest(),
  }
}
