/** Orders of a result. */
export const SORTS = ['relevance', 'newest', 'used'] as const

/** Name of an order. */
export type Sort = (typeof SORTS)[number]

/** Place of an entry in an order, compared number by number, greater first. */
export type RankKey = readonly number[]

/** One number of the key, by slot. */
export type RankPart = (slot: number) => number

/** The key of a slot under an order. */
export function keyOf(parts: readonly RankPart[], slot: number): RankKey {
  return parts.map((part) => part(slot))
}

/**
 * The first `limit` slots after the key `after`. A page begins behind the last key shown, not at a count of rows:
 * entries that arrive meanwhile neither repeat nor hide others.
 */
export function topSlots(
  slots: Uint32Array,
  parts: readonly RankPart[],
  limit: number,
  after: RankKey | undefined,
): number[] {
  const top: number[] = []
  // Newest rows last in the file: from the end, nearly every later candidate loses at the first comparison.
  for (let index = slots.length - 1; index >= 0; index--) {
    const slot = slots[index] as number
    if (top.length === limit && !isAhead(slot, top[limit - 1] as number, parts)) continue
    if (after !== undefined && !isBehind(slot, after, parts)) continue
    if (top.length === limit) top.pop()
    top.splice(placeOf(slot, top, parts), 0, slot)
  }
  return top
}

function placeOf(slot: number, sorted: readonly number[], parts: readonly RankPart[]): number {
  let place = sorted.length
  while (place > 0 && isAhead(slot, sorted[place - 1] as number, parts)) place--
  return place
}

function isAhead(slot: number, other: number, parts: readonly RankPart[]): boolean {
  for (const part of parts) {
    const difference = part(slot) - part(other)
    if (difference !== 0) return difference > 0
  }
  return false
}

function isBehind(slot: number, key: RankKey, parts: readonly RankPart[]): boolean {
  for (const [index, part] of parts.entries()) {
    const difference = part(slot) - (key[index] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
