/**
 * Does a job for each item, `most` at once, begun in order. The first failure stops the others through the signal that each job is
 * given, and is thrown once all have ended.
 */
export async function sideBySide<T>(
  items: readonly T[],
  most: number,
  job: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const left = items.values()
  const work = async () => {
    for (const item of left) {
      if (stop.signal.aborted) return
      await job(item, stop.signal).catch((error: unknown) => stop.abort(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work))
  stop.signal.throwIfAborted()
}
