import { randomBytes } from 'node:crypto'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'

/** Whom a one-time link lets in: a person already named when it was made, or somebody who says so on entering. */
export interface LinkBearer {
  readonly as: string | undefined
}

/** Links that `hub console` and `node console` print: 256 bits, good once and for ten minutes, known here by hash alone. */
export type OneTimeLinks = ReturnType<typeof createOneTimeLinks>

const KEY_BYTES = 32
const LIFE_SECONDS = 600
const linksMost = 100
const failuresPerMinute = 10

/** `now`: Unix seconds. */
export function createOneTimeLinks(now: () => number) {
  const open = new Map<string, LinkBearer & { readonly until: number }>()
  let failures: number[] = []

  function find(key: string) {
    const hash = sha256(key)
    const found = open.get(hash)
    // A good key always opens: any page of a stranger's site could use up the failures and keep everybody out.
    if (found !== undefined && now() < found.until) return { hash, found }
    failures = failures.filter((at) => now() - at < 60)
    // Guessing 256 bits is hopeless; the limit keeps the log and the machine quiet meanwhile (threats F5).
    if (failures.length >= failuresPerMinute) throw new Refusal('RATE_LIMITED', { retryAfter: 60 })
    failures.push(now())
    return undefined
  }

  return {
    /** A new key for the link's address. */
    make(as: string | undefined): string {
      for (const [hash, { until }] of open) if (until <= now() || open.size >= linksMost) open.delete(hash)
      const key = randomBytes(KEY_BYTES).toString('base64url')
      open.set(sha256(key), { as, until: now() + LIFE_SECONDS })
      return key
    },
    /** Looks without using it up: a preview of the link must not spend it. RATE_LIMITED. */
    peek: (key: string): LinkBearer | undefined => find(key)?.found,
    /** Uses it up. RATE_LIMITED. */
    take(key: string): LinkBearer | undefined {
      const link = find(key)
      if (link !== undefined) open.delete(link.hash)
      return link?.found
    },
  }
}
