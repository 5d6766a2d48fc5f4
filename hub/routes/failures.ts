import { isIP } from 'node:net'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'

const WINDOW_MILLISECONDS = 60_000
/** Addresses remembered at most; the oldest go first, so that a flood of addresses costs bounded memory. */
const ADDRESSES_MOST = 10_000

/**
 * Contract, Ports: 10 failed attempts a minute per address, successes not counted. `now` in milliseconds, of a clock that
 * only goes forward.
 */
export function createFailureLimit(now: () => number) {
  const failures = new Map<string, number[]>()

  function recent(address: string): number[] {
    return (failures.get(address) ?? []).filter((at) => now() - at < WINDOW_MILLISECONDS)
  }

  function note(address: string): void {
    const list = [...recent(address), now()]
    failures.delete(address)
    failures.set(address, list)
    for (const oldest of failures.keys()) {
      if (failures.size <= ADDRESSES_MOST) break
      failures.delete(oldest)
    }
  }

  /** Runs an attempt of this address; RATE_LIMITED after too many refused ones. */
  return async <T>(remote: string, attempt: () => Promise<T>): Promise<T> => {
    const address = networkOf(remote)
    if (!(recent(address).length < LIMITS.enrolmentFailuresPerMinute))
      throw new Refusal('RATE_LIMITED', { failuresPerMinute: LIMITS.enrolmentFailuresPerMinute, retryAfter: 60 })
    try {
      return await attempt()
    } catch (error) {
      if (isRefusal(error) && error.status < 500) note(address)
      throw error
    }
  }
}

/** One customer has a whole /64 of IPv6. */
function networkOf(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::') as [string, string?]
  const left = head.split(':').filter((group) => group !== '')
  const right = tail.split(':').filter((group) => group !== '')
  const zeros = address.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : []
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
