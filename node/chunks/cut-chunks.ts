import { createHash } from 'node:crypto'
import { CHUNK_LIST_LIMITS, type ChunkParameters } from './chunk-parameters.ts'
import { createCutter } from './gear.ts'

const BUFFER_BYTES = 4 * 1024 * 1024

/** What cutting a file gives: its size in bytes, its SHA-256 in lower-case hex, its binary chunk list. */
export interface CutFile {
  readonly bytes: number
  readonly sha256: string
  readonly list: Uint8Array
}

/**
 * Cuts whatever `read` fills into its buffer (0: end) into chunks, with memory that does not grow with the file.
 * Undefined when the list would pass 1 MiB. Synchronous: for a worker thread.
 */
export function cutChunks(
  read: (buffer: Uint8Array) => number,
  parameters: ChunkParameters,
  onProgress: (bytes: number) => void,
): CutFile | undefined {
  const { entryBytes, maxChunks } = CHUNK_LIST_LIMITS
  const buffer = new Uint8Array(BUFFER_BYTES)
  const list = Buffer.alloc(maxChunks * entryBytes)
  const cutter = createCutter(parameters)
  const whole = createHash('sha256')
  let chunk = createHash('sha256')
  let [bytes, length, count] = [0, 0, 0]

  function endChunk(): boolean {
    if (count === maxChunks) return false
    list.writeUInt32BE(length, count * entryBytes)
    chunk.digest().copy(list, count * entryBytes + 4)
    chunk = createHash('sha256')
    length = 0
    count += 1
    return true
  }

  for (let filled = read(buffer); filled > 0; filled = read(buffer)) {
    whole.update(buffer.subarray(0, filled))
    for (let at = 0; at < filled; ) {
      const next = cutter.advance(buffer, at, filled)
      chunk.update(buffer.subarray(at, next))
      length += next - at
      at = next
      if (cutter.ended && !endChunk()) return undefined
    }
    bytes += filled
    onProgress(bytes)
  }
  if (length > 0 && !endChunk()) return undefined
  return { bytes, sha256: whole.digest('hex'), list: new Uint8Array(list.subarray(0, count * entryBytes)) }
}
