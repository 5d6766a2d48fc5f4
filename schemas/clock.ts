import { LIMITS } from './limits.ts'
import { Refusal } from './refusal.ts'

/** Wall clock in milliseconds since 1970; injected so that tests can move it. */
export type ReadClock = () => number

/**
 * The one clock of a server: never behind the newest hub-signed time it has accepted (contract, Limits).
 * A clock set back therefore revives neither grants nor certificates.
 */
export interface Clock {
  /** Unix seconds: max(clock, floor). */
  now(): number
  /** `now()` as Date. */
  date(): Date
  /** RFC 3339 UTC, whole seconds. */
  stamp(): string
  /** The `iat` of an accepted directory or status list, Unix seconds; later than clock + skew is CLOCK_SKEW. */
  raiseFloor(seconds: number): void
  floor(): number
}

/** `keepFloor` makes the floor durable before it counts; `floor` is the one found on disk. */
export function createClock(read: ReadClock, floor: number, keepFloor: (seconds: number) => void): Clock {
  let lowest = floor
  const now = () => Math.max(Math.floor(read() / 1000), lowest)
  return {
    now,
    date: () => new Date(now() * 1000),
    stamp: () => toRfc3339(now()),
    floor: () => lowest,
    raiseFloor(seconds) {
      if (!(seconds <= Math.floor(read() / 1000) + LIMITS.clockSkewSeconds))
        throw clockSkew(seconds, Math.floor(read() / 1000))
      if (seconds <= lowest) return
      keepFloor(seconds)
      lowest = seconds
    },
  }
}

/** Unix seconds → RFC 3339 UTC, whole seconds. */
export function toRfc3339(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

/** RFC 3339 → Unix seconds; NaN when it is none, or no moment that the calendar has. */
export function fromRfc3339(text: string): number {
  const seconds = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) / 1000 : Number.NaN
  // 30 February and 24:00 are read as the day after.
  return Number.isNaN(seconds) || toRfc3339(seconds) !== text ? Number.NaN : seconds
}

/** `2027-06-30 08:00` Beijing time, for sentences that people read; `seconds` since 1970. `—` when they are none: no page fails over a date. */
export function toBeijing(seconds: number): string {
  const date = new Date((seconds + 8 * 3_600) * 1_000)
  return Number.isNaN(date.getTime()) ? '—' : date.toISOString().slice(0, 16).replace('T', ' ')
}

/** Dates that people type end at 24:00 Beijing time (UTC+8, no summer time). Returns RFC 3339 UTC. */
export function endOfBeijingDay(date: string): string {
  const start = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00+08:00`) : Number.NaN
  if (Number.isNaN(start) || new Date(start + 8 * 3_600_000).toISOString().slice(0, 10) !== date) {
    throw new Refusal('PERIOD_OVER', {
      rule: 'a date is YYYY-MM-DD',
      detail: { zh: `日期写法不对：${date}`, en: `Not a date: ${date}` },
    })
  }
  return toRfc3339(start / 1000 + 86_400)
}

function clockSkew(theirs: number, ours: number): Refusal {
  return new Refusal('CLOCK_SKEW', {
    theirs: toRfc3339(theirs),
    ours: toRfc3339(ours),
    detail: {
      zh: `对方时间 ${toRfc3339(theirs)}，本机时间 ${toRfc3339(ours)}`,
      en: `Their time is ${toRfc3339(theirs)}, ours ${toRfc3339(ours)}`,
    },
  })
}

/** Protocol 1.5: pull-orders, grant requests and certificate-requests must be signed within ±120 s. */
export function requireFresh(iat: number, clock: Clock): void {
  if (!(Math.abs(clock.now() - iat) <= LIMITS.clockSkewSeconds)) {
    throw new Refusal('STALE_REQUEST', { signed: toRfc3339(iat), now: toRfc3339(clock.now()) })
  }
}
