import type { Text } from '#schemas/refusals/entry.ts'
import type { Language } from './language.ts'
import { LABELS, STATES } from './words.ts'

const BEIJING_MILLISECONDS = 8 * 3_600_000
const SHORT_ID = 12
const LONGEST = 400

/**
 * Titles, names and reasons come from other members: what moves a cursor, recolours a terminal or turns a line around
 * becomes a visible mark.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (found) =>
    found === '\n' || found === '\t' ? ' ' : '\ufffd',
  )
}

/** 1,572,864 → `1.5 MiB`. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const amount = bytes / 1024 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`
}

/** RFC 3339 UTC → Beijing time, `2027-06-30 24:00` for the end of a day. */
export function showTime(time: string): string {
  const at = Date.parse(time)
  if (Number.isNaN(at)) return printable(time)
  const local = (milliseconds: number) => new Date(milliseconds + BEIJING_MILLISECONDS).toISOString()
  const shown = local(at)
  // An end typed as a date is the last moment of that day, not the first of the next.
  if (shown.slice(11, 19) === '00:00:00') return `${local(at - 1).slice(0, 10)} 24:00`
  return `${shown.slice(0, 10)} ${shown.slice(11, 16)}`
}

/** One value of a result as a person reads it; the key tells what it is. */
export function showValue(key: string, value: unknown, language: Language): string {
  if (value === null || value === undefined || value === '') return '—'
  if (Array.isArray(value) && value.length === 0) return '—'
  if (isText(value)) return printable(value[language] || value.zh || value.en)
  if (typeof value === 'boolean') return value ? (language === 'zh' ? '是' : 'yes') : language === 'zh' ? '否' : 'no'
  if (typeof value === 'number' && /^(iat|exp|nbf)$/.test(key)) return showTime(new Date(value * 1000).toISOString())
  if (typeof value === 'number') return /bytes$/i.test(key) ? showBytes(value) : String(value)
  if (typeof value === 'string') return showString(key, value, language)
  if (Array.isArray(value))
    return value.map((one) => showValue(key, one, language)).join(language === 'zh' ? '、' : ', ')
  return Object.entries(value as object)
    .map(([name, inner]) => `${labelOf(name, language)} ${showValue(name, inner, language)}`)
    .join(language === 'zh' ? '；' : '; ')
}

function showString(key: string, value: string, language: Language): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return showTime(value)
  // What a person has to copy or compare stays whole.
  if (/^[0-9a-f]{40,}$/.test(value) && key !== 'fingerprint' && key !== 'sha256') return `${value.slice(0, SHORT_ID)}…`
  if (Object.hasOwn(STATES, value)) return `${value} ${STATES[value as keyof typeof STATES][language]}`.trim()
  return printable(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)
}

/** A key of a result as a person reads it. */
export function labelOf(key: string, language: Language): string {
  if (Object.hasOwn(LABELS, key)) return LABELS[key as keyof typeof LABELS][language]
  if (Object.hasOwn(STATES, key)) return `${key} ${STATES[key as keyof typeof STATES][language]}`.trim()
  return key.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
}

/** Is it a sentence in two languages? English may be missing. */
export function isText(value: unknown): value is Text {
  const text = value as Partial<Text> | null
  return typeof text === 'object' && text !== null && (typeof text.zh === 'string' || typeof text.en === 'string')
}
