import type { Lang } from '#web/pages/language.ts'
import { showNumber } from '#web/pages/show.ts'

const BINARY = [
  [1_048_576, 'MiB'],
  [1_024, 'KiB'],
] as const

const UNITS = [
  [86_400, '天', 'd'],
  [3_600, '小时', 'h'],
  [60, '分钟', 'min'],
] as const

/** A number of the limits table with its unit, which ends its name. Limits in bytes are powers of two. */
export function showLimit(lang: Lang, name: string, value: number): string {
  if (name.endsWith('Milliseconds')) return value % 1_000 === 0 ? seconds(lang, value / 1_000) : `${value} ms`
  if (name.endsWith('Seconds')) return seconds(lang, value)
  if (name.endsWith('Days')) return seconds(lang, value * 86_400)
  if (!name.endsWith('Bytes')) return showNumber(lang, value)
  const [size, unit] = BINARY.find(([one]) => value >= one) ?? [1, lang === 'zh' ? '字节' : 'bytes']
  return `${showNumber(lang, value / size)} ${unit}`
}

/** In the largest unit that it is a whole number of: 90 seconds are no minute. */
function seconds(lang: Lang, value: number): string {
  const [size, zh, en] = UNITS.find(([one]) => value >= one && value % one === 0) ?? [1, '秒', 's']
  return `${showNumber(lang, value / size)} ${lang === 'zh' ? zh : en}`
}
