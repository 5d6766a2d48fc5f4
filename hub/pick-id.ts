import { Refusal } from '#schemas/refusal.ts'

/** The one id that begins with what was typed; an exact one wins. NOT_FOUND, AMBIGUOUS_ID. */
export function pickId(typed: string, found: readonly string[]): string {
  const ids = [...new Set(found)]
  if (ids.includes(typed)) return typed
  const [only, ...more] = ids
  if (only === undefined) throw new Refusal('NOT_FOUND', { id: typed })
  if (more.length > 0) throw new Refusal('AMBIGUOUS_ID', { id: typed, candidates: ids.slice(0, 3) })
  return only
}
