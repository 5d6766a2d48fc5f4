import { deflateSync, inflateSync } from 'node:zlib'
import { fromBase64url, toBase64url } from './base64url.ts'
import { Refusal } from './refusal.ts'

/** IETF Token Status List §7.1: 0 VALID, 1 INVALID, 2 SUSPENDED. */
export const STATUS = { good: 0, revoked: 1, suspended: 2 } as const
export type Status = keyof typeof STATUS

const NAMES: readonly (Status | undefined)[] = ['good', 'revoked', 'suspended', undefined]
/** Places of a region: 16 KiB before compression; random places hide who deals with whom. */
export const STATUS_PLACES = 65_536
export const STATUS_PLACES_MOST = 16_777_216

/** A stretch of places: the first, and how many (a multiple of four). */
export interface StatusRegion {
  readonly from: number
  readonly places: number
}

/** A list unpacked: its regions, and their bits one after the other. */
export interface StatusBits {
  readonly regions: readonly StatusRegion[]
  readonly bits: Uint8Array
}

/** The list of a network that has never needed more: places from 0 on. */
export const firstRegion = (places = STATUS_PLACES): StatusRegion => ({ from: 0, places })

/**
 * Packs two bits a place, least significant first (Token Status List §4.1), as base64url of zlib. Every place lies in one of
 * the regions; a number: that many from 0 on.
 */
export function encodeStatusList(
  entries: Iterable<readonly [place: number, status: Status]>,
  room: number | readonly StatusRegion[],
): string {
  const regions = typeof room === 'number' ? [firstRegion(room)] : room
  const bits = new Uint8Array(sizeOf(regions) / 4)
  for (const [place, status] of entries) {
    const at = positionOf(regions, place) as number
    bits[at >> 2]! |= STATUS[status] << ((at & 3) * 2)
  }
  return toBase64url(deflateSync(bits))
}

/** The unpacked bits of a list; without regions it begins at place 0. A bomb is cut at 4 MiB: DOCUMENT_INVALID. */
export function decodeStatusList(lst: string, regions?: readonly StatusRegion[]): StatusBits {
  const bits = inflate(lst)
  if (regions === undefined) return { regions: [firstRegion(bits.length * 4)], bits }
  const apart = regions.every(
    ({ from, places }, index) => places % 4 === 0 && (index === 0 || from >= endOf(regions[index - 1] as StatusRegion)),
  )
  if (!(apart && sizeOf(regions) === bits.length * 4))
    throw new Refusal('DOCUMENT_INVALID', { field: '/regions', rule: 'ascending, apart, as long as the list' })
  return { regions, bits }
}

function inflate(lst: string): Uint8Array {
  try {
    return inflateSync(fromBase64url(lst), { maxOutputLength: STATUS_PLACES_MOST / 4 })
  } catch {
    throw new Refusal('DOCUMENT_INVALID', { field: '/status_list/lst', rule: 'zlib, at most 4 MiB' })
  }
}

/** Status at a place; a place outside of the list or with reserved bits is not good: refused as revoked would be. */
export function statusAt({ regions, bits }: StatusBits, place: number): Status {
  const at = positionOf(regions, place)
  return (at === undefined ? undefined : nameAt(bits, at)) ?? 'revoked'
}

/** Places that are revoked in `before` and no longer in `after`: none may ever be (STATUS_ROLLBACK). */
export function findUnrevoked(before: StatusBits, after: StatusBits): number[] {
  const unrevoked: number[] = []
  let at = 0
  for (const { from, places } of before.regions) {
    for (let index = 0; index < places; index++, at++) {
      // Four places of good standing at once: nearly all are.
      if ((index & 3) === 0 && before.bits[at >> 2] === 0) {
        index += 3
        at += 3
      } else if (nameAt(before.bits, at) === 'revoked' && statusAt(after, from + index) !== 'revoked')
        unrevoked.push(from + index)
    }
  }
  return unrevoked
}

const nameAt = (bits: Uint8Array, at: number): Status | undefined =>
  NAMES[((bits[at >> 2] as number) >> ((at & 3) * 2)) & 3]
const endOf = ({ from, places }: StatusRegion): number => from + places
const sizeOf = (regions: readonly StatusRegion[]): number => regions.reduce((sum, { places }) => sum + places, 0)

/** How far into the bits a place lies; undefined where it lies in no region. */
function positionOf(regions: readonly StatusRegion[], place: number): number | undefined {
  let before = 0
  for (const region of regions) {
    if (place >= region.from && place < endOf(region)) return before + place - region.from
    before += region.places
  }
  return undefined
}
