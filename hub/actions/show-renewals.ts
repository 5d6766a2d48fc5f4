import { toRfc3339 } from '#schemas/clock.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Role } from '../deps.ts'
import { findProposal } from './propose-root.ts'
import type { Office } from './sign-statement.ts'
import { effectiveStanding } from './standing.ts'

/** Something that runs out unless a person sees to it. `until` is RFC 3339, null for a root that waits for its signature. */
export interface Renewal {
  readonly kind: 'member' | 'operator' | 'root'
  /** Member's code, operator's name, or version of the root. */
  readonly subject: string
  readonly name: string
  readonly until: string | null
  readonly role: Role
}

const DAY = 86_400
/** A node renews when a third of the life remains; one that has not a few days later does not run. */
const MEMBER_DAYS = LIMITS.certificateDays / 3 - 3
const OPERATOR_DAYS = 30

/** What runs out soon, soonest first. Keys and CAs of the hub itself are alarms. */
export function showRenewals(r: Office): Renewal[] {
  const now = r.clock.now()
  const members = r.members.all().flatMap((member): Renewal[] => {
    const newest = r.certificates.pairsOf(member.id)[0]
    if (effectiveStanding(r, member) !== 'good' || newest?.state !== 'good') return []
    const until = Math.max(...r.certificates.ofRequest(newest.request).map(({ notAfter }) => notAfter))
    if (until - now > MEMBER_DAYS * DAY) return []
    return [{ kind: 'member', subject: member.id, name: member.name, until: toRfc3339(until), role: 'registrar' }]
  })
  const operators = r.operators.all().flatMap(({ name }): Renewal[] => {
    const newest = r.operators.certificatesOf(name)[0]
    if (newest === undefined || newest.revoked !== null || newest.notAfter - now > OPERATOR_DAYS * DAY) return []
    return [{ kind: 'operator', subject: name, name, until: toRfc3339(newest.notAfter), role: 'administrator' }]
  })
  const waiting = findProposal(r)
  const root: Renewal[] =
    waiting === undefined
      ? []
      : [
          {
            kind: 'root',
            subject: String(waiting.payload.version),
            name: r.config.name,
            until: null,
            role: 'administrator',
          },
        ]
  return [...root, ...members, ...operators].sort((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1))
}
