import type { Phase } from '#schemas/codes/phases.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Facts } from '../store/facts.ts'

/** Who we are in the network, as the newest directory says; before the first one, as the hub admitted us. */
export interface Membership {
  readonly member: string
  readonly name: string
  readonly memberClass: MemberClass
  readonly phase: Phase
}

export function createMembership({ trust, facts }: { readonly trust: Trust; readonly facts: Facts }): () => Membership {
  const member = facts.get('member')
  return () => {
    const entry = trust.findMember(member)
    return {
      member,
      name: entry?.name ?? facts.get('name'),
      memberClass: entry?.class ?? (facts.get('class') as MemberClass),
      phase: trust.directory()?.payload.phase ?? 'construction',
    }
  }
}
