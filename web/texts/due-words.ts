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

/** Undefined where nothing regular is promised, or no period is given. `now`: Unix seconds. */
export function dueOf(periodicity: string, periodTo: string | undefined, now: number): Due | undefined {
  if (!Object.hasOwn(PERIODICITIES, periodicity)) return undefined
  const day = nextDue(periodicity as PeriodicityCode, periodTo, false)
  return day === undefined ? undefined : { day: day.toString(), late: daysLate(day, now) }
}

/** `下期应于 2026-12-15 前发布`, or by how much it is late. */
export function sayDue(lang: Lang, { day, late }: Due): string {
  if (late === 0) return lang === 'zh' ? `下期应于 ${day} 前发布` : `next due by ${day}`
  const span = showSpan(lang, late * 86_400)
  return lang === 'zh' ? `应于 ${day} 前更新，已逾期 ${span}` : `was due by ${day}, ${span} late`
}
