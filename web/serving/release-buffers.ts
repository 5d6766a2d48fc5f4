import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const LOOK_BYTES = 4 * 1024 * 1024
/** Dead buffers that are worth some twenty milliseconds of collecting. */
const MOST_BYTES = 12 * 1024 * 1024

/** One per process: the flag, the function and the memory are the process's own. */
interface Collector {
  readonly run: () => void
  /** External memory that was alive when somebody last looked. */
  floor: number
  /** Bytes of all streams since then. */
  passed: number
}

let collector: Collector | undefined

/**
 * Passes a long stream on with constant memory. Buffers of sockets and files lie outside V8's heap, which lets 64 MB of dead
 * ones gather before it looks, and what has grown once is not given back: here it is made to look at 12 MB.
 */
export async function* releaseBuffers(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  collector ??= openCollector()
  for await (const piece of source) {
    yield piece
    collector.passed += piece.length
    if (collector.passed >= LOOK_BYTES) look(collector)
  }
}

function look(at: Collector): void {
  at.passed = 0
  if (getHeapStatistics().external_memory < at.floor + MOST_BYTES) return
  at.run()
  at.floor = getHeapStatistics().external_memory
}

function openCollector(): Collector {
  setFlagsFromString('--expose-gc')
  const run = runInNewContext('gc') as () => void
  return { run, floor: getHeapStatistics().external_memory, passed: 0 }
}
