import type { Clock } from '#schemas/clock.ts'

/** A value that costs much to find out and may be a few seconds old: found out at most once in `seconds`. */
export function keepFor<T>(clock: Pick<Clock, 'now'>, seconds: number, find: () => T): () => T {
  let kept: { readonly at: number; readonly value: T } | undefined
  return () => {
    const now = clock.now()
    if (kept === undefined || now - kept.at >= seconds || now < kept.at) kept = { at: now, value: find() }
    return kept.value
  }
}
