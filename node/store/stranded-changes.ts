import type { Facts } from './facts.ts'

/**
 * Changes of ours that stop an agreement and that the hub refused: outside the chain, since the next change must not follow
 * on them, but obeyed here. The hub has no say in whether we may stop.
 */
export type StrandedChanges = ReturnType<typeof createStrandedChanges>

/** Over the fact `stranded`: ids of papers; changes inside the caller's transaction. */
export function createStrandedChanges(facts: Facts) {
  const list = (): string[] => JSON.parse(facts.find('stranded') ?? '[]') as string[]
  const keep = (ids: readonly string[]): void =>
    ids.length === 0 ? facts.drop('stranded') : facts.set('stranded', JSON.stringify(ids))

  return {
    list,
    has: (id: string): boolean => list().includes(id),
    add: (id: string): void => keep([...new Set([...list(), id])]),
    drop: (id: string): void => keep(list().filter((one) => one !== id)),
  }
}
