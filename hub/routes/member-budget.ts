import type { FastifyRequest } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { callerOf } from '#web/serving/require-caller.ts'

/**
 * onRequest hook behind `requireCaller`: what one member may ask of the hub, in requests and in bytes of bodies, whatever
 * they hold (threats B18, F4). Who asks for more is told when to come back, before a body is read; others notice nothing.
 * `now` in milliseconds, of a clock that only goes forward.
 */
export function limitMembers(now: () => number) {
  const members = new Map<string, { readonly requests: Bucket; readonly bytes: Bucket }>()

  function budgetOf(member: string) {
    const known = members.get(member)
    if (known !== undefined) return known
    const made = {
      requests: createBucket(LIMITS.memberRequestsBurst, LIMITS.memberRequestsPerSecond, now),
      bytes: createBucket(LIMITS.memberBodyBurstBytes, LIMITS.memberBodyPerSecondBytes, now),
    }
    members.set(member, made)
    return made
  }

  return async (request: FastifyRequest): Promise<void> => {
    const { requests, bytes } = budgetOf(callerOf(request).member.id)
    const wait = requests.take(1) || bytes.take(bodyBytes(request))
    if (wait > 0) throw new Refusal('RATE_LIMITED', { retryAfter: Math.ceil(wait) })
  }
}

type Bucket = ReturnType<typeof createBucket>

/** Full at first, and filled at a steady rate. */
function createBucket(most: number, perSecond: number, now: () => number) {
  let left = most
  let at = now()
  return {
    /** 0: taken. Else nothing is, and this many seconds make up for what is missing. */
    take(amount: number): number {
      const time = now()
      left = Math.min(most, left + ((time - at) / 1000) * perSecond)
      at = time
      if (amount > left) return (amount - left) / perSecond
      left -= amount
      return 0
    },
  }
}

/** As announced, as far as a route reads; whoever announces nothing pays for that. */
function bodyBytes({ headers, routeOptions }: FastifyRequest): number {
  const most = routeOptions.bodyLimit ?? LIMITS.controlBodyBytes
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(most, Number(headers['content-length'] ?? 0))
}
