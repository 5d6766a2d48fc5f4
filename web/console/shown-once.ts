import { randomBytes } from 'node:crypto'
import { Refusal } from '#schemas/refusal.ts'
import type { ConsoleVisit } from './console-visit.ts'

const HELD_SECONDS = 600
const KEY_BYTES = 16

type By = Pick<ConsoleVisit, 'now' | 'visitor'>

/**
 * Secrets between the form that had them made and the one page that shows them: in memory, for that person alone, for ten
 * minutes. A page that is loaded again shows nothing and makes nothing anew, and no secret stands in an address.
 */
export function createShownOnce<T>() {
  const held = new Map<string, { readonly by: string; readonly until: number; readonly secret: T }>()
  return {
    /** Keeps a secret; returns the key for its address. */
    keep({ now, visitor }: By, secret: T): string {
      for (const [key, { until }] of held) if (until <= now) held.delete(key)
      const key = randomBytes(KEY_BYTES).toString('hex')
      held.set(key, { by: visitor.name, until: now + HELD_SECONDS, secret })
      return key
    },
    /** Gives it out and forgets it. SHOWN_ONCE for any look after the first, and for anybody else. */
    take({ now, visitor }: By, key = ''): T {
      const found = held.get(key)
      held.delete(key)
      if (found === undefined || found.by !== visitor.name || found.until <= now) throw new Refusal('SHOWN_ONCE')
      return found.secret
    },
  }
}
