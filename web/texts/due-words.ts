import { daysLate, nextDue, PERIODICITIES, type PeriodicityCode } from '#schemas/codes/periodicities.ts'
import type { Lang } from '../pages/language.ts'
import { showSpan } from '../pages/show.ts'

/** When the next period of a regular dataset is due, the usual days for compiling it included. */
export interface Due {
  /** Beijing day until whose end it is due. */
  readonly day: string
  /** Whole days past that; 0 while it is not late. */
  readonly late: number
}

const DAY_SECONDS = 86_400
const BEIJING_SECONDS = 8 * 3_600
const mostKnown = 2_000

/** By periodicity, period and day: the cards of a list ask for the same few again and again. */
const known = new Map<string, Due | undefined>()

/** Undefined where nothing regular is promised, or no period is given. `now`: Unix seconds. */
export function dueOf(periodicity: string, periodTo: string | undefined, now: number): Due | undefined {
  if (!Object.hasOwn(PERIODICITIES, periodicity) || periodTo === undefined) return undefined
  const key = `${Math.floor((now + BEIJING_SECONDS) / DAY_SECONDS)} ${periodicity} ${periodTo}`
  if (!known.has(key)) {
    if (known.size >= mostKnown) known.clear()
    const day = nextDue(periodicity as PeriodicityCode, periodTo, false)
    known.set(key, day && { day: day.toString(), late: daysLate(day, now) })
  }
  return known.get(key)
}

/** `下期应于 2026-12-15 前发布`, or by how much it is late. */
export function sayDue(lang: Lang, { day, late }: Due): string {
  if (late === 0) return lang === 'zh' ? `下期应于 ${day} 前发布` : `next due by ${day}`
  const span = showSpan(lang, late * 86_400)
  return lang === 'zh' ? `应于 ${day} 前更新，已逾期 ${span}` : `was due by ${day}, ${span} late`
}
