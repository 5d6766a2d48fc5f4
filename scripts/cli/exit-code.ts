import type { Refusal } from '#schemas/refusal.ts'

/** Exit codes of the contract. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3, internal: 4 } as const

/** Codes that end otherwise than with 1. What is wrong with the words themselves is wrong usage, whoever noticed it. */
const BY_CODE: Readonly<Record<string, number>> = {
  USAGE: EXIT.usage,
  CODE_INVALID: EXIT.usage,
  OPERATOR_REQUIRED: EXIT.usage,
  PHASE_UNKNOWN: EXIT.usage,
  PURPOSE_EMPTY: EXIT.usage,
  REASON_REQUIRED: EXIT.usage,
  HUB_UNREACHABLE: EXIT.unreachable,
  OWNER_UNREACHABLE: EXIT.unreachable,
  NOT_RUNNING: EXIT.unreachable,
  INTERNAL: EXIT.internal,
}

/** The exit code of a refusal. */
export function exitCodeOf({ code }: Refusal): number {
  return BY_CODE[code] ?? EXIT.refused
}
