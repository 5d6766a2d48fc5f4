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

/**
 * Counts a pull durably: at least once a second, every 8 MiB and at each file's end. What a kill -9 lost in between is found
 * again from the partial file at the next start: verified chunks that no earlier version holds can only have been fetched.
 */
export function createReceivedBytes({ commit, pulls }: CountingDeps, pull: string, onDone: (bytes: number) => void) {
  let unstored = 0
  let storedAt = performance.now()
  let done = 0

  async function flush(): Promise<void> {
    const bytes = unstored
    unstored = 0
    storedAt = performance.now()
    if (bytes > 0) await commit(() => pulls.addFetched(pull, bytes))
  }

  function advance(bytes: number): void {
    done += bytes
    onDone(done)
  }

  return {
    flush,
    /** Passes a body on and counts it, whether or not it proves right. */
    async *count(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const piece of body) {
        unstored += piece.length
        if (unstored >= STORE_BYTES || performance.now() - storedAt >= STORE_MILLISECONDS) await flush()
        yield piece
      }
    },
    /** Chunks that fit: progress, and nothing else. */
    verified: advance,
    /** At a file's start: `there` bytes are verified on the disk, `fetched` of them certainly from the owner. */
    async startFile(there: number, fetched: number): Promise<void> {
      advance(there)
      if (fetched > 0) await commit(() => pulls.raiseFetched(pull, fetched))
    },
    async reuse(bytes: number): Promise<void> {
      if (bytes === 0) return
      advance(bytes)
      await commit(() => pulls.addReused(pull, bytes))
    },
    /** At a file's end: from here on the next file's bytes are counted. */
    async endFile(): Promise<void> {
      await flush()
      await commit(() => pulls.settle(pull))
    },
  }
}
