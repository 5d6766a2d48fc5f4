import { type BlockPair, makeBlocks } from '../chunks/run-writer.ts'

/** Room for so many ranges at once, each with the blocks that it fills, whatever the number of files. */
export interface Places {
  readonly most: number
  /** Waits for a free place; it is free again when the job has ended. */
  use<T>(job: (blocks: BlockPair) => Promise<T>): Promise<T>
}

export function createPlaces(most: number): Places {
  const free: BlockPair[] = []
  const waiting: ((blocks: BlockPair) => void)[] = []
  let made = 0

  function take(): BlockPair | Promise<BlockPair> {
    const blocks = free.pop()
    if (blocks !== undefined) return blocks
    if (made === most) return new Promise((resolve) => waiting.push(resolve))
    made += 1
    return makeBlocks()
  }

  return {
    most,
    async use(job) {
      const blocks = await take()
      try {
        return await job(blocks)
      } finally {
        const next = waiting.shift()
        if (next === undefined) free.push(blocks)
        else next(blocks)
      }
    },
  }
}
