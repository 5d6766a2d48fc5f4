import { type Html, html } from '../pages/html.ts'
import { type Lang, pick, sayIn } from '../pages/language.ts'
import { showNumber, showTime } from '../pages/show.ts'
import { PAYLOAD_LABELS, PAYLOAD_VALUES } from '../texts/payload-words.ts'
import { code, facts, more } from './words.ts'

const HASH = /^[0-9a-f]{64}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const MEMBER = /^[0-9A-HJ-NPQRTUWXY]{18}$/
const SECONDS = new Set(['iat', 'exp'])
/** Longer than any sentence: keys and certificates, shown in part; the whole stands in the raw text. */
const LONG = 300

/** Every item of a payload under a plain name; an item without one keeps its own, so that nothing signed is left out. */
export function showPayload(lang: Lang, payload: object, nameOf: (member: string) => string): Html {
  return facts(
    Object.entries(payload).map(([key, value]) => [labelOf(lang, key), showValue(lang, key, value, nameOf)] as const),
  )
}

function showValue(lang: Lang, key: string, value: unknown, nameOf: (member: string) => string): Html {
  const t = sayIn(lang)
  if (value === null) return key === 'pulls' ? t('不限次数', 'any number') : t('无', 'none')
  if (typeof value === 'boolean') return value ? t('是', 'yes') : t('否', 'no')
  if (typeof value === 'number') return SECONDS.has(key) ? showTime(lang, value) : showNumber(lang, value)
  if (typeof value === 'string') return showText(lang, key, value, nameOf)
  if (Array.isArray(value)) {
    if (value.length === 0) return t('无', 'none')
    return html`<ul class="plain">${value.map((one) => html`<li>${showValue(lang, key, one, nameOf)}</li>`)}</ul>`
  }
  // ODRL for machines; it follows from the terms above it and reads badly item by item.
  if (key === 'policy')
    return more(
      t('机器可读的规则', 'For machines'),
      html`<pre tabindex="0" class="raw">${JSON.stringify(value, null, 2)}</pre>`,
    )
  return showPayload(lang, value as object, nameOf)
}

function showText(lang: Lang, key: string, value: string, nameOf: (member: string) => string): Html {
  const t = sayIn(lang)
  if (HASH.test(value)) return code(value)
  if (TIME.test(value)) return showTime(lang, value)
  if (MEMBER.test(value)) {
    const name = nameOf(value)
    return name === value ? value : `${name}${lang === 'zh' ? `（${value}）` : ` (${value})`}`
  }
  if (key === 'files' && value === 'all') return t('全部文件', 'all files')
  const word = PAYLOAD_VALUES[key]?.[value]
  if (word !== undefined) return pick(lang, word)
  if (key === 'jti' || key === 'grant') return code(value)
  if (value === '') return t('未填写', 'not given')
  return value.length > LONG && !/\s/.test(value) ? code(`${value.slice(0, 60)}…`) : value
}

function labelOf(lang: Lang, key: string): string {
  const label = PAYLOAD_LABELS[key]
  return label === undefined ? key : pick(lang, label)
}
