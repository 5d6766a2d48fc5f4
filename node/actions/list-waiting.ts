import type { CatalogEntry } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import { validate } from '#schemas/validate.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { HubRequests } from '../exchange-deps.ts'
import { verifyLearning } from './fetch-entry.ts'

interface Deps {
  readonly hub: Pick<HubRequests, 'get'>
  readonly trust: Pick<Trust, 'net'>
  readonly keys: Pick<AgreementKeys, 'member'>
  readonly learnLine: (member: string) => Promise<void>
}

/** A JOINT entry of ours that lacks signatures; its `member` is the owner that wrote it. */
export interface WaitingEntry {
  readonly id: string
  readonly entry: CatalogEntry
  readonly missing: readonly string[]
}

const ANSWER = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      maxItems: 1_000,
      items: { type: 'object', properties: { entry: { type: 'string' } }, required: ['entry'] },
    },
  },
  required: ['items'],
} as const

/** Protocol 4.2: what waits for owners' signatures and concerns us. What does not prove itself is left out. HUB_UNREACHABLE. */
export async function listWaiting(deps: Deps): Promise<readonly WaitingEntry[]> {
  const { items } = validate(ANSWER, await deps.hub.get('/v1/catalog-entries?waiting=true'), 'PEER_MISBEHAVED')
  const found: WaitingEntry[] = []
  for (const { entry } of items) {
    try {
      const { id, payload, missing } = await verifyLearning(deps, entry)
      found.push({ id, entry: payload, missing })
    } catch (error) {
      if (!isRefusal(error) || error.code === 'HUB_UNREACHABLE') throw error
    }
  }
  return found
}
