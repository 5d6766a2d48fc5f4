import type { OpenDatabase } from './open-database.ts'
import { type Die, dieOfStorage, storageError } from './storage-error.ts'

/** Runs a synchronous job in a durable transaction; resolves with its value only once that is on disk, rejects with what it threw. */
export type Commit = <T>(job: () => T) => Promise<T>

interface Waiting {
  readonly job: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

export interface GroupCommitOptions {
  /** Called after each transaction that became durable, before its callers go on: the place to read the journal from. */
  readonly committed?: () => void
  readonly die?: Die
}

/**
 * All jobs of one tick share one IMMEDIATE transaction and one fsync; each has its own savepoint, so a job that throws fails alone.
 * `await commit(() => undefined)` waits for everything handed in before it.
 */
export function createGroupCommit(
  db: OpenDatabase,
  { committed, die = dieOfStorage }: GroupCommitOptions = {},
): Commit {
  let waiting: Waiting[] = []

  const runAll = db.transaction((batch: readonly Waiting[]) => batch.map(({ job }) => runAlone(job)))
  const inSavepoint = db.transaction((job: () => unknown) => requireSynchronous(job()))

  function runAlone(job: () => unknown) {
    try {
      return { value: inSavepoint(job) }
    } catch (error) {
      // A full disk makes SQLite roll back everything: then the whole batch failed, not this job alone.
      if (!db.inTransaction) throw error
      return { error }
    }
  }

  function flush(): void {
    const batch = waiting
    waiting = []
    const outcomes = runBatch(batch)
    if (outcomes === undefined) return
    committed?.()
    for (const [index, outcome] of outcomes.entries()) settle(batch[index] as Waiting, outcome)
  }

  /** Outcomes once durable; undefined when nothing was stored and every caller has been told. */
  function runBatch(batch: readonly Waiting[]) {
    try {
      return runAll.immediate(batch)
    } catch (error) {
      const mapped = storageError(error, die)
      for (const { reject } of batch) reject(mapped)
      return undefined
    }
  }

  function settle({ resolve, reject }: Waiting, outcome: { value: unknown } | { error: unknown }): void {
    if ('error' in outcome) reject(storageError(outcome.error, die))
    else resolve(outcome.value as never)
  }

  return (job) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ job, resolve, reject })
    })
}

/** A job that awaits would go on outside its transaction. */
function requireSynchronous(value: unknown): unknown {
  if (value instanceof Promise) throw new Error('a store job must be synchronous')
  return value
}
