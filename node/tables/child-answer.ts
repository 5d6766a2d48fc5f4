import { isRefusal } from '#schemas/refusal.ts'

/** A refusal on its way out of a child process, as JSON. */
export interface ChildRefusal {
  readonly code: string
  readonly facts: object
}

/** Exit code of a child that refuses: the refusal is on its standard error. */
export const REFUSED = 3

/** What an error says where it is about the file; undefined for one of the program's own. */
export function refusalIn(error: unknown): ChildRefusal | undefined {
  if (isRefusal(error)) return { code: error.code, facts: error.facts }
  // Too long a string or too large a buffer: the engine's own limits are limits on the file.
  if (error instanceof RangeError) return { code: 'INPUT_TOO_COSTLY', facts: { reason: error.message } }
  return undefined
}
