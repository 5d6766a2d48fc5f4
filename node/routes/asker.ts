import type { FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import type { Asker } from '../actions/serve-file.ts'

/** Protocol 6.2: who asks, and the grant of this request; GRANT_REQUIRED without one. */
export function askerOf(request: FastifyRequest): Asker {
  const { member, thumbprint } = callerOf(request)
  const [, grant] = /^Hanghui-Grant ([A-Za-z0-9._-]+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (grant === undefined) throw new Refusal('GRANT_REQUIRED')
  return { member: member.id, thumbprint, grant }
}
