import { toRfc3339 } from '#schemas/clock.ts'
import { closed, MEMBER } from '#schemas/shapes.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import { AUDIT_QUERY, readAudit } from './read-audit.ts'
import { showAdmission, showMember } from './show-member.ts'
import { showRenewals } from './show-renewals.ts'
import type { Office } from './sign-statement.ts'

const NOTHING = closed({}, [])
const ID = { type: 'string', minLength: 1, maxLength: 128 } as const

/** What the operators' console reads of members, people and keys. */
export function showingOffice(r: Office): Actions {
  return {
    'member-show': action(closed({ member: MEMBER }, ['member']), ({ member }) => showMember(r, member)),
    'admission-show': action(closed({ id: ID }, ['id']), ({ id }) => showAdmission(r, id)),
    operators: action(NOTHING, () => showOperators(r)),
    codes: action(NOTHING, () => showCodes(r)),
    renewals: action(NOTHING, () => showRenewals(r)),
    'trust-show': action(NOTHING, () => showTrust(r)),
    audit: action(AUDIT_QUERY, (query) => readAudit(r, query)),
  }
}

/** A person at the hub. Times are RFC 3339. */
export type ShownOperator = ReturnType<typeof showOperators>[number]

function showOperators(r: Office) {
  return r.operators.all().map(({ name, member, since }) => ({
    name,
    member: member === null ? null : { id: member, name: r.members.find(member)?.name ?? member },
    since: toRfc3339(since),
    roles: r.operators.roles(name),
    certificates: r.operators.certificatesOf(name).map(({ thumbprint, notAfter, revoked }) => ({
      thumbprint,
      until: toRfc3339(notAfter),
      revoked: revoked === null ? null : toRfc3339(revoked),
    })),
  }))
}

/** An enrolment code that was not used; the secret is nowhere. */
export type ShownCode = ReturnType<typeof showCodes>[number]

function showCodes(r: Office) {
  return r.codes.unused().map(({ member, name, class: memberClass, operator, expires }) => ({
    member,
    name,
    class: memberClass,
    operator,
    expires: toRfc3339(expires),
    expired: expires <= r.clock.now(),
  }))
}

/** The lists that everybody trusts, and how old they are. */
export type ShownTrust = ReturnType<typeof showTrust>

function showTrust(r: Office) {
  const directory = r.trust.directory()?.payload
  const status = r.trust.status()?.payload
  const notGood = [...r.places.notGood()]
  return {
    directory: directory && {
      version: directory.version,
      id: r.directories.newest()?.id ?? '',
      issued: toRfc3339(directory.iat),
      until: toRfc3339(directory.exp),
      parts: directory.parts.length,
      networks: directory.policy.networks,
    },
    status: status && {
      version: status.version,
      issued: toRfc3339(status.iat),
      until: toRfc3339(status.exp),
      suspended: notGood.filter(([, one]) => one === 'suspended').length,
      revoked: notGood.filter(([, one]) => one === 'revoked').length,
    },
  }
}
