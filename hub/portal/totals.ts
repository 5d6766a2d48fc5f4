import { keepFor } from './keep-for.ts'
import type { PortalDeps } from './portal-deps.ts'

/** What the front page counts. */
export interface Totals {
  readonly members: number
  readonly datasets: number
  readonly pulls: number
  readonly bytes: number
}

const keptSeconds = 10

/** Counting all pulls reads them all: once in a few seconds is enough for everybody. */
export function countTotals({ x, index }: Pick<PortalDeps, 'x' | 'index'>): () => Totals {
  const pulled = keepFor(x.clock, keptSeconds, x.pulls.totals)
  return () => ({ members: [...x.trust.members()].length, datasets: index.count(), ...pulled() })
}
