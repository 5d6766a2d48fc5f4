import { deflateSync, inflateSync } from 'node:zlib'
import { fromBase64url, toBase64url } from './base64url.ts'
import { Refusal } from './refusal.ts'

/** IETF Token Status List §7.1: 0 VALID, 1 INVALID, 2 SUSPENDED. */
export const STATUS = { good: 0, revoked: 1, suspended: 2 } as const
export type Status = keyof typeof STATUS

const NAMES: readonly (Status | undefined)[] = ['good', 'revoked', 'suspended', undefined]
/** Room in a new list: 65,536 places, 16 KiB before compression; random places hide who deals with whom. */
export const STATUS_PLACES = 65_536
const MOST_PLACES = 16_777_216

/** Packs two bits a place, least significant first (Token Status List §4.1), as base64url of zlib. */
export function encodeStatusList(entries: Iterable<readonly [place: number, status: Status]>, places: number): string {
  const bytes = new Uint8Array(places / 4)
  for (const [place, status] of entries) bytes[place >> 2]! |= STATUS[status] << ((place & 3) * 2)
  return toBase64url(deflateSync(bytes))
}

/** The unpacked bits of a list. A bomb is cut at 4 MiB: DOCUMENT_INVALID. */
export function decodeStatusList(lst: string): Uint8Array {
  try {
    return inflateSync(fromBase64url(lst), { maxOutputLength: MOST_PLACES / 4 })
  } catch {
    throw new Refusal('DOCUMENT_INVALID', { field: '/status_list/lst', rule: 'zlib, at most 4 MiB' })
  }
}

/** Status at a place; a place beyond the list or with reserved bits is not good: refused as revoked would be. */
export function statusAt(bits: Uint8Array, place: number): Status {
  const byte = bits[place >> 2]
  const name = byte === undefined ? undefined : NAMES[(byte >> ((place & 3) * 2)) & 3]
  return name ?? 'revoked'
}

/** Places that are revoked in `before` and no longer in `after`: none may ever be (STATUS_ROLLBACK). */
export function findUnrevoked(before: Uint8Array, after: Uint8Array): number[] {
  const places: number[] = []
  for (let place = 0; place < before.length * 4; place++) {
    if (before[place >> 2] === 0) {
      place |= 3
      continue
    }
    if (statusAt(before, place) === 'revoked' && statusAt(after, place) !== 'revoked') places.push(place)
  }
  return places
}
