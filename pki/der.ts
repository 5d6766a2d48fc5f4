/**
 * A strict reader of DER (X.690 sections 8 and 10). Lenient readers accept several encodings of one certificate, and what one
 * party reads out of them another does not: here every length is minimal and definite, nothing trails, nothing is guessed.
 */
import { type PkiCode, PkiError } from './error.ts'

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Identifier octet of `[number]` context tags, constructed or primitive. */
export const contextTag = (number: number, constructed: boolean): number => (constructed ? 0xa0 : 0x80) | number

/** One value: its identifier octet, its whole encoding, its content, and its parts when constructed. Views, not copies. */
export interface Der {
  readonly tag: number
  readonly raw: Buffer
  readonly content: Buffer
  readonly parts: readonly Der[]
}

const maxDepth = 24

/** Not DER. Inside this folder only: each parser turns it into a PkiError with its own code. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** Runs a parser over untrusted bytes; what is not DER becomes `code` with rule `der`. */
export function refusingBadDer<T>(code: PkiCode, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof DerError) throw new PkiError(code, 'der', { detail: error.message })
    throw error
  }
}

/** Reads exactly one value that fills `bytes`, all parts included; throws DerError. */
export function readDer(bytes: Uint8Array): Der {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = readValue(buffer, 0, 0)
  if (value.raw.length !== buffer.length) throw new DerError('trailing bytes')
  return value
}

function readValue(buffer: Buffer, start: number, depth: number): Der {
  if (depth > maxDepth) throw new DerError('too deep')
  const tag = byteAt(buffer, start)
  // Tag numbers above 30 do not occur in any structure read here.
  if ((tag & 0x1f) === 0x1f) throw new DerError('long tag')
  const { length, next } = readLength(buffer, start + 1)
  const end = next + length
  if (!(end <= buffer.length)) throw new DerError('length past the end')
  const content = buffer.subarray(next, end)
  const parts: Der[] = []
  if ((tag & 0x20) !== 0) {
    for (let at = 0; at < content.length; ) {
      const part = readValue(content, at, depth + 1)
      parts.push(part)
      at += part.raw.length
    }
  }
  return { tag, raw: buffer.subarray(start, end), content, parts }
}

/** X.690 section 10.1: the definite form, in the fewest octets. */
function readLength(buffer: Buffer, at: number): { length: number; next: number } {
  const first = byteAt(buffer, at)
  if (first < 0x80) return { length: first, next: at + 1 }
  const octets = first & 0x7f
  if (!(octets >= 1 && octets <= 4)) throw new DerError('length form')
  let length = 0
  for (let index = 1; index <= octets; index++) length = length * 256 + byteAt(buffer, at + index)
  if (!(length >= 0x80 && length >= 256 ** (octets - 1))) throw new DerError('length not minimal')
  return { length, next: at + 1 + octets }
}

function byteAt(buffer: Buffer, at: number): number {
  const byte = buffer[at]
  if (byte === undefined) throw new DerError('cut off')
  return byte
}

/** Walks the parts of a constructed value in order: `next` must be there, `optional` may, `end` says that nothing is left. */
export interface Fields {
  readonly next: (tag: number) => Der
  readonly optional: (tag: number) => Der | undefined
  readonly any: () => Der
  readonly end: () => void
}

/** The parts of `value`, which must have identifier octet `tag`; throws DerError. */
export function fieldsOf(value: Der, tag: number): Fields {
  expectTag(value, tag)
  let at = 0
  const any = (): Der => {
    const part = value.parts[at]
    if (part === undefined) throw new DerError('field missing')
    at++
    return part
  }
  return {
    any,
    next: (wanted) => expectTag(any(), wanted),
    optional: (wanted) => (value.parts[at]?.tag === wanted ? any() : undefined),
    end: () => {
      if (at !== value.parts.length) throw new DerError('field too many')
    },
  }
}

/** The same value, if it has that identifier octet; throws DerError. */
export function expectTag(value: Der, tag: number): Der {
  if (value.tag !== tag) throw new DerError(`tag ${value.tag} where ${tag} must be`)
  return value
}
