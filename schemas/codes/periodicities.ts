import type { Label } from './label.ts'
import { findDays } from './periods.ts'

interface Periodicity extends Label {
  /** Length of one period; absent when no next one can be foreseen. */
  readonly step?: { readonly days?: number; readonly months?: number }
  /** Days after the end of a period that compiling it usually takes. */
  readonly graceDays: number
}

/** 更新周期 of 政务信息资源目录编制指南, with the length of a period. */
export const PERIODICITIES = {
  realtime: { zh: '实时', en: 'Real time', graceDays: 0 },
  daily: { zh: '每日', en: 'Daily', step: { days: 1 }, graceDays: 1 },
  weekly: { zh: '每周', en: 'Weekly', step: { days: 7 }, graceDays: 3 },
  monthly: { zh: '每月', en: 'Monthly', step: { months: 1 }, graceDays: 15 },
  quarterly: { zh: '每季度', en: 'Quarterly', step: { months: 3 }, graceDays: 30 },
  annual: { zh: '每年', en: 'Annual', step: { months: 12 }, graceDays: 90 },
  irregular: { zh: '不定期', en: 'Irregular', graceDays: 0 },
} as const satisfies Record<string, Periodicity>

/** Code of a periodicity. */
export type PeriodicityCode = keyof typeof PERIODICITIES

/**
 * Day until whose end (24:00 Beijing time) the period after `periodTo` is due: its last day, with the usual days for
 * compiling it unless `graceless`. Undefined where nothing regular is promised or `periodTo` is no period.
 */
export function nextDue(
  periodicity: PeriodicityCode,
  periodTo: string | undefined,
  graceless: boolean,
): Temporal.PlainDate | undefined {
  const { step, graceDays }: Periodicity = PERIODICITIES[periodicity]
  const covered = periodTo === undefined ? undefined : findDays(periodTo)?.to
  if (step === undefined || covered === undefined) return undefined
  // The month after 28 February ends on the 31st: month ends stay month ends.
  const isMonthEnd = step.months !== undefined && covered.day === covered.daysInMonth
  const next = covered.add(step)
  const end = isMonthEnd ? next.with({ day: next.daysInMonth }) : next
  return end.add({ days: graceless ? 0 : graceDays })
}

/** Whole days past the end (24:00 Beijing time) of the day something was due; 0 while it is not late. `now` in Unix seconds. */
export function daysLate(due: Temporal.PlainDate, now: number): number {
  const today = Temporal.Instant.fromEpochMilliseconds(now * 1000)
    .toZonedDateTimeISO('+08:00')
    .toPlainDate()
  return Math.max(0, due.until(today, { largestUnit: 'days' }).days)
}
