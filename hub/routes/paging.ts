import { LIMITS } from '#schemas/limits.ts'

/** Parameters of a list that goes by journal number. */
export const PAGING = {
  type: 'object',
  properties: {
    since: { type: 'string', pattern: '^[0-9]{1,15}$' },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$' },
  },
  additionalProperties: false,
} as const

/** Where a page starts and how long it may be; at most 200 items. */
export function pageOf({ since, limit }: { since?: string; limit?: string }): { since: number; limit: number } {
  return { since: Number(since ?? 0), limit: Math.min(Number(limit ?? LIMITS.pageItems), LIMITS.pageItemsMost) }
}
