import { createHash } from 'node:crypto'
import { Refusal } from '#schemas/refusal.ts'
import type { RankKey } from './ranking.ts'

/** Where the next page begins: the key of the last entry shown, and whether words were read loosely. */
export interface Place {
  readonly loose: boolean
  readonly key: RankKey
}

const SHAPE = /^[A-Za-z0-9_-]{8,400}$/

/** The place as opaque text, bound to the query (any JSON value) that it belongs to. */
export function writeCursor(place: Place, query: unknown): string {
  const body = JSON.stringify([place.loose ? 1 : 0, ...place.key])
  const seal = createHash('sha256')
    .update(`${body}\n${JSON.stringify(query)}`)
    .digest('base64url')
    .slice(0, 16)
  return Buffer.from(`${seal}${body}`).toString('base64url')
}

/** Reads it back. Anything that this query would not have been given is CURSOR_INVALID. */
export function parseCursor(cursor: string, query: unknown): Place {
  const numbers = SHAPE.test(cursor) ? readNumbers(Buffer.from(cursor, 'base64url').toString().slice(16)) : undefined
  if (numbers === undefined) throw new Refusal('CURSOR_INVALID')
  const [loose, ...key] = numbers
  const place = { loose: loose === 1, key }
  // The seal only keeps pages honest, a forger gains a page that begins elsewhere.
  if (writeCursor(place, query) !== cursor) throw new Refusal('CURSOR_INVALID')
  return place
}

function readNumbers(text: string): number[] | undefined {
  return /^\[[01](?:,-?\d{1,16})+\]$/.test(text) ? text.slice(1, -1).split(',').map(Number) : undefined
}
