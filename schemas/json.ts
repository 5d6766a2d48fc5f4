import { LIMITS } from './limits.ts'
import { Refusal } from './refusal.ts'

const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const LITERAL = /true|false|null/y
const SPACES = new Set([...' \t\n\r'].map((char) => char.charCodeAt(0)))
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The one JSON reader at every door (RFC 8259 as narrowed by RFC 7493 I-JSON): valid UTF-8 without BOM, no duplicate
 * or reserved key, depth ≤ 32, keys of an object ≤ 1,000, numbers only in their shortest exact form, no NUL and no lone surrogate.
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(decodeUtf8(bytes))
}

/** {@link parseJson} for text that is already decoded. */
export function parseJsonText(text: string): unknown {
  if (!text.isWellFormed()) throw new Refusal('JSON_ENCODING', { rule: 'no lone surrogate, no NUL' })
  new Scanner(text).document()
  return JSON.parse(text)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (text.startsWith('\ufeff')) throw new Refusal('JSON_ENCODING', { rule: 'no BOM' })
    return text
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('JSON_ENCODING')
  }
}

/** Walks the text once and refuses what `JSON.parse` would quietly mend or lose. */
class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  document(): void {
    this.space()
    this.value(0)
    this.space()
    if (this.at !== this.text.length) this.refuse()
  }

  value(depth: number): void {
    if (depth > LIMITS.jsonDepth) throw new Refusal('JSON_DEPTH')
    const first = this.text[this.at]
    if (first === '{') this.members(depth)
    else if (first === '[') this.elements(depth)
    else if (first === '"') this.string()
    else if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) this.number()
    else this.token(LITERAL)
  }

  members(depth: number): void {
    const keys = new Set<string>()
    this.list('}', () => {
      const key = this.string()
      if (RESERVED.has(key)) throw new Refusal('JSON_KEY_RESERVED', { key })
      if (keys.has(key)) throw new Refusal('JSON_DUPLICATE_KEY', { key: key.slice(0, 64) })
      // A document has a few dozen; a million would take the engine seconds, whatever comes after.
      if (!(keys.add(key).size <= LIMITS.jsonKeys)) throw new Refusal('JSON_INVALID', { rule: 'too many keys' })
      this.space()
      if (this.text[this.at++] !== ':') this.refuse()
      this.space()
      this.value(depth + 1)
    })
  }

  elements(depth: number): void {
    this.list(']', () => this.value(depth + 1))
  }

  list(end: string, item: () => void): void {
    this.at++
    this.space()
    if (this.text[this.at] === end) {
      this.at++
      return
    }
    for (;;) {
      this.space()
      item()
      this.space()
      const next = this.text[this.at++]
      if (next === end) return
      if (next !== ',') this.refuse()
    }
  }

  /** RFC 8259 §7. Character by character: a pattern over a long string would run out of stack. */
  string(): string {
    const { text } = this
    const start = this.at
    if (text.charCodeAt(start) !== QUOTE) this.refuse()
    let escaped = false
    for (;;) {
      const char = text.charCodeAt(++this.at)
      if (char === QUOTE) break
      // Control characters, and NaN at the end of the text.
      if (!(char >= 0x20)) this.refuse()
      if (char === BACKSLASH) {
        escaped = true
        this.at++
      }
    }
    this.at++
    return escaped ? this.unescape(text.slice(start, this.at)) : text.slice(start + 1, this.at - 1)
  }

  unescape(quoted: string): string {
    const value = parseQuoted(quoted)
    if (value === undefined) this.refuse()
    if (!value.isWellFormed() || value.includes('\u0000'))
      throw new Refusal('JSON_ENCODING', { rule: 'no lone surrogate, no NUL' })
    return value
  }

  number(): void {
    const text = this.token(NUMBER)
    const value = Number(text)
    // 2^53 and beyond, 1e400, -0 and 1.0 all read as something other than what was written.
    const exact = String(value) === text && (!Number.isInteger(value) || Number.isSafeInteger(value))
    if (!exact) throw new Refusal('JSON_NUMBER', { number: text.slice(0, 40) })
  }

  space(): void {
    while (SPACES.has(this.text.charCodeAt(this.at))) this.at++
  }

  token(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found === undefined) this.refuse()
    this.at += found.length
    return found
  }

  refuse(): never {
    throw new Refusal('JSON_INVALID', { position: this.at })
  }
}

/** undefined where an escape is none of RFC 8259 §7. */
function parseQuoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return
  }
}
