import { type Clock, endOfBeijingDay, fromRfc3339 } from '#schemas/clock.ts'
import type { Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'

/** Terms as people type them; what is left out stays as it was. `until`: a day (ends at 24:00 Beijing time) or RFC 3339 UTC. */
export interface TypedTerms {
  readonly purpose?: string | undefined
  readonly until?: string | undefined
  readonly pulls?: number | undefined
  readonly files?: readonly string[] | undefined
}

const YEAR_SECONDS = 365 * 86_400

/** What is asked where nothing else is said: all files, any number of pulls, until the end of this day in a year. */
export function defaultTerms(purpose: string, clock: Clock): Terms {
  const day = new Date((clock.now() + YEAR_SECONDS + 8 * 3_600) * 1000).toISOString().slice(0, 10)
  return { purpose, files: 'all', until: endOfBeijingDay(day), pulls: null }
}

/** The terms with what was typed put in. PURPOSE_EMPTY, PERIOD_OVER. */
export function termsFrom(base: Terms, { purpose, until, pulls, files }: TypedTerms, clock: Clock): Terms {
  const terms: Terms = {
    purpose: purpose ?? base.purpose,
    files: files === undefined ? base.files : [...files],
    until: until === undefined ? base.until : parseUntil(until),
    pulls: pulls ?? base.pulls,
  }
  if (terms.purpose.trim() === '') throw new Refusal('PURPOSE_EMPTY')
  if (!(clock.now() < fromRfc3339(terms.until))) throw new Refusal('PERIOD_OVER', { until: terms.until })
  return terms
}

function parseUntil(typed: string): string {
  return Number.isNaN(fromRfc3339(typed)) ? endOfBeijingDay(typed) : typed
}
