import { isUscc } from '#pki/uscc.ts'
import { isDisplayText } from '#schemas/catalog/display-text.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Deciding, ROLES, type Role } from '../deps.ts'
import type { Operator } from '../exchange.ts'
import type { Registry } from '../registry.ts'

/** Contract, Roles: who administers never approves, and who audits does nothing else. */
const APART: readonly (readonly [Role, Role])[] = [
  ['approver', 'administrator'],
  ...ROLES.filter((role) => role !== 'auditor').map((role) => ['auditor', role] as const),
]

/** Gives a person a role. ROLE_CONFLICT, OPERATOR_EXISTS, MEMBER_UNKNOWN. `member`: the member they belong to, undefined: as before. */
export async function addOperator(
  r: Registry,
  { name, role, member }: { name: string; role: Role; member?: string | undefined },
  by: string | undefined,
): Promise<{ operator: string; roles: string[] }> {
  if (!isDisplayText(name)) throw new Refusal('TEXT_INVALID', { field: '/name' })
  return r.commit(() => {
    if (by !== undefined) requireOperator(r, by, 'administrator')
    requireMember(r, member)
    const before = r.operators.find(name)
    const held = r.operators.roles(name)
    if (held.includes(role)) throw new Refusal('OPERATOR_EXISTS', { operator: name, roles: held })
    for (const other of held) {
      if (APART.some((pair) => pair.includes(role) && pair.includes(other as Role)))
        throw new Refusal('ROLE_CONFLICT', { operator: name, roles: [...held, role] })
    }
    r.operators.save({ name, member: member ?? before?.member ?? null, since: before?.since ?? r.clock.now() })
    r.operators.addRole(name, role)
    r.facts.record('operator-added', { operator: name, role, by: by ?? null, at: r.clock.now() })
    return { operator: name, roles: r.operators.roles(name) }
  })
}

/** Says which member a person belongs to; undefined: none. OPERATOR_UNKNOWN, MEMBER_UNKNOWN. */
export async function changeMembership(
  r: Registry,
  { name, member }: { name: string; member?: string | undefined },
  by: string | undefined,
): Promise<{ operator: string; member: string | null }> {
  return r.commit(() => {
    if (by !== undefined) requireOperator(r, by, 'administrator')
    requireMember(r, member)
    const found = r.operators.find(name)
    if (found === undefined) throw new Refusal('OPERATOR_UNKNOWN', { operator: name })
    r.operators.save({ ...found, member: member ?? null })
    r.facts.record('operator-member', { operator: name, member: member ?? null, by: by ?? null, at: r.clock.now() })
    return { operator: name, member: member ?? null }
  })
}

/** Who belongs to a member decides nothing of its: a code that names none would let them. */
function requireMember(r: Registry, member: string | undefined): void {
  if (member === undefined) return
  if (!isUscc(member)) throw new Refusal('USCC_INVALID', { field: '/member', member })
  if (r.members.find(member) === undefined) throw new Refusal('MEMBER_UNKNOWN', { field: '/member', member })
}

/** Takes a role away; with the last one the person's certificates are revoked. OPERATOR_UNKNOWN, LAST_ADMINISTRATOR. */
export async function removeOperator(
  r: Registry,
  { name, role }: { name: string; role: Role },
  by: string | undefined,
): Promise<{ operator: string; roles: string[] }> {
  return r.commit(() => {
    if (by !== undefined) requireOperator(r, by, 'administrator')
    if (!r.operators.dropRole(name, role)) throw new Refusal('OPERATOR_UNKNOWN', { operator: name, role })
    // Nobody would be left to give it back but whoever runs the machine.
    if (role === 'administrator' && !r.operators.all().some((one) => r.operators.roles(one.name).includes(role)))
      throw new Refusal('LAST_ADMINISTRATOR', { operator: name })
    const roles = r.operators.roles(name)
    if (roles.length === 0) r.operators.revokeCertificates(name, r.clock.now())
    r.facts.record('operator-removed', { operator: name, role, by: by ?? null, at: r.clock.now() })
    return { operator: name, roles }
  })
}

/** OPERATOR_UNKNOWN or ROLE_REQUIRED unless this person holds the role now. */
export function requireOperator(r: Pick<Registry, 'operators'>, name: string, role: Role): Operator {
  const found = r.operators.find(name)
  const roles = r.operators.roles(name)
  if (found === undefined || roles.length === 0) throw new Refusal('OPERATOR_UNKNOWN', { operator: name })
  if (!roles.includes(role)) throw new Refusal('ROLE_REQUIRED', { operator: name, role, roles })
  return { name, member: found.member }
}

/** The person of a decision holds the role, and says why where that is demanded. */
export function requireDecider(
  r: Pick<Registry, 'operators'>,
  { operator, reason }: Deciding,
  role: Role,
  { reasoned }: { reasoned: boolean },
): void {
  requireOperator(r, operator, role)
  if (reasoned && reason.trim() === '') throw new Refusal('REASON_REQUIRED', { field: '/reason' })
}
