import type { Refusal } from '#schemas/refusal.ts'

/** Exit codes of the contract. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3, internal: 4 } as const

/** Codes that end otherwise than with 1. */
const BY_CODE: Readonly<Record<string, number>> = {
  USAGE: EXIT.usage,
  HUB_UNREACHABLE: EXIT.unreachable,
  OWNER_UNREACHABLE: EXIT.unreachable,
  NOT_RUNNING: EXIT.unreachable,
  INTERNAL: EXIT.internal,
}

/** The exit code of a refusal. */
export function exitCodeOf({ code }: Refusal): number {
  return BY_CODE[code] ?? EXIT.refused
}
