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
  let kept: { at: number; pulls: number; bytes: number } | undefined
  return () => {
    const now = x.clock.now()
    if (kept === undefined || now - kept.at >= keptSeconds) kept = { at: now, ...x.pulls.totals() }
    const { pulls, bytes } = kept
    return { members: [...x.trust.members()].length, datasets: index.count(), pulls, bytes }
  }
}
