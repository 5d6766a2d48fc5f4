import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Pulls } from '../store/pulls.ts'

/** Bytes of one pull: what came from the owner, what came from earlier versions, how far the whole is. */
export type ReceivedBytes = ReturnType<typeof createReceivedBytes>

export interface CountingDeps {
  readonly commit: Commit
  readonly pulls: Pulls
}

const STORE_BYTES = 8 * 1024 * 1024
const STORE_MILLISECONDS = 1_000

/** One file of the pull. */
export type ReceivedFile = ReturnType<ReceivedBytes['openFile']>

/** Bytes of one file that came from the owner: written down, and still to be. */
interface Counted {
  stored: number
  unstored: number
}

/**
 * Counts a pull durably: at least once a second, every 8 MiB and at each file's end. What a kill -9 lost in between is found
 * again from the partial files at the next start: verified chunks that no earlier version holds can only have been fetched.
 */
export function createReceivedBytes({ commit, pulls }: CountingDeps, pull: string, onDone: (bytes: number) => void) {
  const open = new Set<Counted>()
  let storedAt = performance.now()
  let done = 0

  async function flush(): Promise<void> {
    storedAt = performance.now()
    if ([...open].every(({ unstored }) => unstored === 0)) return
    await commit(() => {
      for (const file of open) store(file)
    })
  }

  /** Inside a transaction. */
  function store(file: Counted): void {
    if (file.unstored > 0) pulls.addFetched(pull, file.unstored)
    file.stored += file.unstored
    file.unstored = 0
  }

  const sumStored = () => [...open].reduce((sum, { stored }) => sum + stored, 0)

  function advance(bytes: number): void {
    done += bytes
    onDone(done)
  }

  function openFile() {
    const file: Counted = { stored: 0, unstored: 0 }
    return {
      /** Content arrived, whether or not it proves right; a promise while that is written down. */
      arrived(bytes: number): Promise<void> | undefined {
        file.unstored += bytes
        const isDue = file.unstored >= STORE_BYTES || performance.now() - storedAt >= STORE_MILLISECONDS
        return isDue ? flush() : undefined
      },
      /** Chunks that fit: progress, and nothing else. */
      verified: advance,
      /** At its start: `there` bytes are verified on the disk, `fetched` of them certainly from the owner. */
      async start(there: number, fetched: number): Promise<void> {
        advance(there)
        open.add(file)
        if (fetched === 0) return
        await commit(() => {
          file.stored += fetched
          pulls.raiseFetched(pull, sumStored())
        })
      },
      async reuse(bytes: number): Promise<void> {
        if (bytes === 0) return
        advance(bytes)
        await commit(() => pulls.addReused(pull, bytes))
      },
      flush,
      /** It is whole, its bytes are all counted. */
      async end(): Promise<void> {
        await commit(() => {
          store(file)
          open.delete(file)
          pulls.settle(pull, sumStored())
        })
      },
    }
  }

  return { openFile, flush }
}
