/** Numbers a date pattern of Table Schema (strptime) may ask for, with their digits. */
const PARTS = {
  Y: { name: 'year', pattern: '(\\d{4})' },
  m: { name: 'month', pattern: '(\\d{1,2})' },
  d: { name: 'day', pattern: '(\\d{1,2})' },
  H: { name: 'hour', pattern: '(\\d{1,2})' },
  M: { name: 'minute', pattern: '(\\d{2})' },
  S: { name: 'second', pattern: '(\\d{2})' },
} as const

type Triple = readonly [number, number, number]

type PartName = (typeof PARTS)[keyof typeof PARTS]['name']

const MIDNIGHT: Triple = [0, 0, 0]

/** Reads text as milliseconds since 1970 UTC; undefined where it is no such date. */
export type DateReader = (text: string) => number | undefined

/**
 * Compiles a pattern such as `%Y年%m月%d日`; undefined where it has other letters after %. Only digit runs of fixed
 * length come out of it, so that matching is linear whatever a stranger writes.
 */
export function compileDateFormat(format: string): DateReader | undefined {
  const tokens = format.match(/%.?|[^%]+/gs) ?? []
  const names: PartName[] = []
  let pattern = ''
  for (const [index, token] of tokens.entries()) {
    if (!token.startsWith('%')) {
      pattern += RegExp.escape(token)
      continue
    }
    const letter = token.charAt(1)
    if (!Object.hasOwn(PARTS, letter)) return undefined
    const part = PARTS[letter as keyof typeof PARTS]
    if (names.includes(part.name)) return undefined
    names.push(part.name)
    // With nothing in between, as in %Y%m%d, numbers have all their digits.
    const tight = [tokens[index - 1], tokens[index + 1]].some((neighbour) => neighbour?.startsWith('%'))
    pattern += tight ? part.pattern.replace('1,2', '2') : part.pattern
  }
  return names.includes('year') ? readerOf(new RegExp(`^${pattern}$`, 'u'), names) : undefined
}

function readerOf(pattern: RegExp, names: readonly PartName[]): DateReader {
  return (text) => {
    const found = pattern.exec(text)
    if (!found) return undefined
    const part = (name: PartName, missing: number) =>
      names.includes(name) ? Number(found[names.indexOf(name) + 1]) : missing
    const date = [part('year', 0), part('month', 1), part('day', 1)] as const
    return timeOf(date, [part('hour', 0), part('minute', 0), part('second', 0)])
  }
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const ISO_MONTH = /^(\d{4})-(\d{2})$/
const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|([+-])(\d{2}):(\d{2}))?$/

/** A date as 2025-06-30. */
export const readIsoDate: DateReader = (text) => {
  const found = ISO_DATE.exec(text)
  return found ? timeOf([Number(found[1]), Number(found[2]), Number(found[3])], MIDNIGHT) : undefined
}

/** A month as 2025-06. */
export const readIsoMonth: DateReader = (text) => {
  const found = ISO_MONTH.exec(text)
  return found ? timeOf([Number(found[1]), Number(found[2]), 1], MIDNIGHT) : undefined
}

/** A time as 2025-06-30T08:00:00, with or without fraction and zone (none: UTC). */
export const readIsoTime: DateReader = (text) => {
  const found = ISO_TIME.exec(text)
  if (!found) return undefined
  const number = (group: number) => Number(found[group])
  const local = timeOf([number(1), number(2), number(3)], [number(4), number(5), number(6)])
  const ahead = (Number(found[8] ?? 0) * 60 + Number(found[9] ?? 0)) * 60_000 * (found[7] === '-' ? -1 : 1)
  return local === undefined ? undefined : local - ahead
}

/** Milliseconds of a moment that the calendar has: 30 February is none. */
function timeOf([year, month, day]: Triple, [hour, minute, second]: Triple): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (!(date.getUTCMonth() === month - 1 && date.getUTCDate() === day)) return undefined
  if (!(hour < 24 && minute < 60 && second < 60)) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}
