import { fromRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed, MEMBER, MEMBER_CLASS, NAME, TIME } from '#schemas/shapes.ts'
import { type ActionContext, type Actions, action } from '#web/serving/actions.ts'
import { changeStanding, revokeCertificate, revokeMember } from './actions/change-member.ts'
import { makeCode } from './actions/make-code.ts'
import { addOperator, changeMembership, removeOperator, requireOperator } from './actions/operators.ts'
import type { Office } from './actions/sign-statement.ts'
import { type Deciding, type QueueSource, ROLES, type StandingSource } from './deps.ts'
import { pickId } from './pick-id.ts'

const ID = { type: 'string', minLength: 1, maxLength: 128 } as const
const REASON = { type: 'string', maxLength: 2_000 } as const
const ROLE = { type: 'string', enum: ROLES } as const
const OPERATOR = closed({ name: { ...NAME, maxLength: 64, pattern: '^\\S(.*\\S)?$' }, role: ROLE, member: MEMBER }, [
  'name',
  'role',
])
const MEMBERSHIP = closed({ name: NAME, member: { type: 'string', maxLength: 40 } }, ['name'])
const CODE = closed(
  { class: MEMBER_CLASS, member: { type: 'string', maxLength: 40 }, name: { ...NAME, maxLength: 64 } },
  ['class', 'member', 'name'],
)
const DECISION = closed({ id: ID, reason: REASON }, ['id'])
const REVOCATION = closed({ id: ID, reason: REASON, since: TIME }, ['id'])
const PHASE = closed({ phase: { type: 'string', maxLength: 40 } }, ['phase'])
const PHASES = ['construction', 'rollout'] as const

/** Where decisions come from besides the register itself. */
export interface Decidables {
  readonly queues: readonly QueueSource[]
  readonly standings: readonly StandingSource[]
}

/** Commands by which people decide (contract, Commands). */
export function decidingActions(r: Office, { queues, standings }: Decidables): Actions {
  const decide = (verb: 'approve' | 'refuse') =>
    action(DECISION, ({ id, reason }, context) => {
      const by = deciding(context, reason)
      const found = queues.flatMap((queue) => queue.idsLike(id).map((full) => ({ queue, full })))
      const full = pickId(
        id,
        found.map((one) => one.full),
      )
      const { queue } = found.find((one) => one.full === full) as { queue: QueueSource }
      return queue[verb](full, by)
    })
  const stand = (verb: 'suspend' | 'resume' | 'terminate') =>
    action(DECISION, ({ id, reason }, context) => {
      const by = deciding(context, reason)
      const members = verb === 'terminate' ? [] : membersLike(r, id)
      const found = standings.flatMap((source) => source.idsLike(id).map((full) => ({ source, full })))
      const full = pickId(id, [...members, ...found.map((one) => one.full)])
      const source = found.find((one) => one.full === full)?.source
      return source === undefined
        ? changeStanding(r, full, verb === 'suspend' ? 'suspended' : 'good', by)
        : source[verb](full, by)
    })
  return {
    'operator-add': action(OPERATOR, (args, { as }) => addOperator(r, args, as)),
    'operator-remove': action(OPERATOR, (args, { as }) => removeOperator(r, args, as)),
    'operator-member': action(MEMBERSHIP, (args, { as }) => changeMembership(r, args, as)),
    code: action(CODE, (args, context) => makeCode(r, args, named(context))),
    queue: action(closed({}, []), () =>
      queues.flatMap((queue) => queue.list()).toSorted((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)),
    ),
    approve: decide('approve'),
    refuse: decide('refuse'),
    suspend: stand('suspend'),
    resume: stand('resume'),
    terminate: stand('terminate'),
    revoke: action(REVOCATION, ({ id, reason, since }, context) => {
      const revoking = { by: deciding(context, reason), since: since === undefined ? undefined : momentOf(since) }
      const members = membersLike(r, id)
      const full = pickId(id, [...members, ...r.certificates.thumbprintsLike(id)])
      return members.includes(full) ? revokeMember(r, full, revoking) : revokeCertificate(r, full, revoking)
    }),
    phase: action(PHASE, ({ phase }, context) => setPhase(r, phase, named(context))),
  }
}

/** Who decides and by which door. OPERATOR_REQUIRED unless the person is named. */
export function deciding(context: ActionContext, reason = ''): Deciding {
  return { operator: named(context), via: context.via, reason }
}

/** The person named by `--as`. */
export function named({ as }: ActionContext): string {
  if (as === undefined) throw new Refusal('OPERATOR_REQUIRED')
  return as
}

function membersLike(r: Office, prefix: string): string[] {
  return r.members
    .all()
    .map(({ id }) => id)
    .filter((id) => id.startsWith(prefix))
}

function momentOf(since: string): number {
  const seconds = fromRfc3339(since)
  if (Number.isNaN(seconds)) throw new Refusal('BODY_INVALID', { field: '/since', rule: 'RFC 3339 UTC, whole seconds' })
  return seconds
}

/** 建设阶段 or 全面推广阶段; an administrator's. */
async function setPhase(r: Office, phase: string, operator: string): Promise<{ phase: string }> {
  if (!PHASES.some((one) => one === phase)) throw new Refusal('PHASE_UNKNOWN', { phase })
  await r.commit(() => {
    requireOperator(r, operator, 'administrator')
    r.facts.set('phase', phase)
    r.facts.record('phase', { phase, by: operator, at: r.clock.now() })
    r.due.directory = true
  })
  await r.published()
  return { phase }
}
