/** First and last day that a statistical period covers. */
export interface DayRange {
  readonly from: Temporal.PlainDate
  readonly to: Temporal.PlainDate
}

const SHAPE = /^(?<year>\d{4})(?:-(?:Q(?<quarter>[1-4])|W(?<week>\d\d)|(?<month>\d\d)(?:-(?<day>\d\d))?))?$/

/** Days of a year `2024`, quarter `2024-Q2`, month `2024-06`, ISO 8601 week `2024-W26` or day `2024-06-30`; undefined when it is none. */
export function findDays(period: string): DayRange | undefined {
  const { year, quarter, week, month, day } = SHAPE.exec(period)?.groups ?? {}
  if (year === undefined || Number(year) < 1) return undefined
  if (week !== undefined) return findWeek(Number(year), Number(week))
  const first = findDate(Number(year), quarter ? Number(quarter) * 3 - 2 : Number(month ?? 1), Number(day ?? 1))
  if (first === undefined) return undefined
  const length = day ? { days: 1 } : { months: quarter ? 3 : month ? 1 : 12 }
  return { from: first, to: first.add(length).subtract({ days: 1 }) }
}

/** Is it a day, `2024-06-30`, that the calendar has? */
export function isDay(text: string): boolean {
  return text.length === 10 && findDays(text) !== undefined
}

function findDate(year: number, month: number, day: number): Temporal.PlainDate | undefined {
  if (month < 1 || month > 12 || day < 1) return undefined
  const first = Temporal.PlainDate.from({ year, month, day: 1 })
  return day <= first.daysInMonth ? first.with({ day }) : undefined
}

/** Week 1 is the one with 4 January in it (ISO 8601). */
function findWeek(year: number, week: number): DayRange | undefined {
  const fourth = Temporal.PlainDate.from({ year, month: 1, day: 4 })
  const from = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: week - 1 })
  return week >= 1 && from.yearOfWeek === year ? { from, to: from.add({ days: 6 }) } : undefined
}
