import { fromRfc3339, toBeijing } from '#schemas/clock.ts'
import type { Lang } from './language.ts'

const LOCALES = { zh: 'zh-CN', en: 'en-GB' } as const
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const
const numbers = { zh: new Intl.NumberFormat(LOCALES.zh), en: new Intl.NumberFormat(LOCALES.en) }

/** `12,345.6`. */
export function showNumber(lang: Lang, value: number): string {
  return numbers[lang].format(value)
}

/** Bytes in the largest fitting decimal unit (1 KB = 1,000 bytes), three figures. */
export function showBytes(lang: Lang, bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 1_000 && unit < BYTE_UNITS.length - 1; unit++) value /= 1_000
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${showNumber(lang, Number(value.toFixed(digits)))} ${BYTE_UNITS[unit]}`
}

/** A share of one, `0.853` → `85%`. */
export function showPercent(share: number): string {
  return `${Math.round(share * 100)}%`
}

/** Unix seconds of an RFC 3339 text or of seconds already. */
export function secondsOf(time: string | number): number {
  return typeof time === 'number' ? time : fromRfc3339(time)
}

/** `2026-11-24`, Beijing time. A bare date stays as it is. */
export function showDay(_lang: Lang, time: string | number): string {
  return typeof time === 'string' && /^\d{4}(-\d\d){0,2}$/.test(time) ? time : toBeijing(secondsOf(time)).slice(0, 10)
}

/** `2026-11-24 08:00`, Beijing time; pages say so once, in their footer. */
export function showTime(_lang: Lang, time: string | number): string {
  return toBeijing(secondsOf(time))
}

/** The day on whose end (24:00 Beijing time) something ends, where it ends at midnight: `2026-11-24`, else with the time. */
export function showEnd(lang: Lang, time: string | number): string {
  const shown = showTime(lang, time)
  return shown.endsWith(' 00:00') ? showDay(lang, secondsOf(time) - 1) : shown
}

const AGES = [
  [31_536_000, '年', 'year'],
  [2_592_000, '个月', 'month'],
  [86_400, '天', 'day'],
  [3_600, '小时', 'hour'],
  [60, '分钟', 'minute'],
] as const

/** `3 天前`, `in 2 hours`; under a minute `刚刚`. */
export function showAgo(lang: Lang, then: string | number, now: number): string {
  const seconds = now - secondsOf(then)
  const [count, zh, en] = largest(Math.abs(seconds))
  if (count === 0) return lang === 'zh' ? '刚刚' : 'just now'
  if (lang === 'zh') return seconds > 0 ? `${count} ${zh}前` : `${count} ${zh}后`
  const words = `${count} ${en}${count === 1 ? '' : 's'}`
  return seconds > 0 ? `${words} ago` : `in ${words}`
}

/** `3 天`, `2 hours`: a length of time, seconds, in its largest unit. */
export function showSpan(lang: Lang, seconds: number): string {
  const [count, zh, en] = largest(Math.abs(seconds))
  if (count === 0) return lang === 'zh' ? '不到 1 分钟' : 'less than a minute'
  return lang === 'zh' ? `${count} ${zh}` : `${count} ${en}${count === 1 ? '' : 's'}`
}

function largest(seconds: number): [number, string, string] {
  const age = AGES.find(([size]) => seconds >= size)
  return age === undefined ? [0, '', ''] : [Math.floor(seconds / age[0]), age[1], age[2]]
}
