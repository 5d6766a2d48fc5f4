/** The primitive values of DER as JavaScript values; each throws DerError on anything but the one right encoding. */
import { type Der, DerError, expectTag, TAG } from './der.ts'

/** X.690 section 11.1: TRUE is FF and nothing else. */
export function readBoolean(value: Der): boolean {
  const { content } = expectTag(value, TAG.boolean)
  if (!(content.length === 1 && (content[0] === 0x00 || content[0] === 0xff))) throw new DerError('boolean')
  return content[0] === 0xff
}

/** Content octets of an INTEGER in the fewest octets (X.690 section 8.3.2). */
export function readIntegerBytes(value: Der): Buffer {
  const { content } = expectTag(value, TAG.integer)
  const [first, second] = content
  if (first === undefined) throw new DerError('empty integer')
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError('integer not minimal')
  return content
}

/** An INTEGER from 0 to 2^31 - 1. */
export function readSmallInteger(value: Der): number {
  const content = readIntegerBytes(value)
  if (!(content.length <= 4 && content.readInt8(0) >= 0)) throw new DerError('integer out of range')
  return content.readUIntBE(0, content.length)
}

/** Dotted form of an OBJECT IDENTIFIER; arcs are below 2^53. */
export function readOid(value: Der): string {
  const { content } = expectTag(value, TAG.oid)
  const arcs: number[] = []
  let arc = 0
  let started = false
  for (const byte of content) {
    if (!started && byte === 0x80) throw new DerError('oid not minimal')
    if (!(arc <= 2 ** 45)) throw new DerError('oid arc')
    arc = arc * 128 + (byte & 0x7f)
    started = byte >= 0x80
    if (started) continue
    arcs.push(arc)
    arc = 0
  }
  const [first, ...rest] = arcs
  if (first === undefined || started) throw new DerError('oid')
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - 40 * top, ...rest].join('.')
}

/** Bytes of a BIT STRING that holds whole bytes (keys, signatures). */
export function readBitStringBytes(value: Der): Buffer {
  const { content } = expectTag(value, TAG.bitString)
  if (content[0] !== 0) throw new DerError('bit string')
  return content.subarray(1)
}

/** Set bits of a named BIT STRING, bit 0 first; X.690 section 11.2.2: no trailing zero bits, unused bits zero. */
export function readNamedBits(value: Der): readonly number[] {
  const { content } = expectTag(value, TAG.bitString)
  const unused = content[0]
  const last = content[content.length - 1]
  if (!(unused !== undefined && last !== undefined && content.length > 1 && unused < 8))
    throw new DerError('named bits')
  if (!((last >> unused) % 2 === 1 && last % 2 ** unused === 0)) throw new DerError('named bits not minimal')
  const bits: number[] = []
  for (let bit = 0; bit < (content.length - 1) * 8 - unused; bit++) {
    if ((((content[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1) bits.push(bit)
  }
  return bits
}

/** RFC 5280 section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050, in Z with seconds and without fractions. */
export function readTime(value: Der): Date {
  const digits =
    value.tag === TAG.utcTime ? withCentury(value) : expectTag(value, TAG.generalizedTime).content.toString('latin1')
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(digits)
  if (match === null) throw new DerError('time')
  const [, year, month, day, hour, minute, second] = match
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const time = new Date(iso)
  // 30 February would silently become 2 March.
  if (!(Number.isFinite(time.getTime()) && time.toISOString() === iso)) throw new DerError('time')
  if (value.tag === TAG.generalizedTime && !(time.getUTCFullYear() >= 2050)) throw new DerError('time form')
  return time
}

function withCentury(value: Der): string {
  const text = value.content.toString('latin1')
  if (!/^\d{12}Z$/.test(text)) throw new DerError('time')
  return (text < '5' ? '20' : '19') + text
}

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF8String, PrintableString or IA5String as text without control characters. */
export function readText(value: Der): string {
  const text = decodeText(value)
  if (/\p{Cc}/u.test(text)) throw new DerError('control character')
  return text
}

function decodeText({ tag, content }: Der): string {
  if (tag === TAG.utf8String) {
    try {
      return utf8.decode(content)
    } catch {
      throw new DerError('utf-8')
    }
  }
  const text = content.toString('latin1')
  if (tag === TAG.printableString && PRINTABLE.test(text)) return text
  if (tag === TAG.ia5String && content.every((byte) => byte < 0x80)) return text
  throw new DerError('text type')
}
