import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { type ChunkList, chunkLength, isChunkHash } from './chunk-list.ts'

const BUFFER_BYTES = 1024 * 1024

/** For each chunk 1 if the bytes at its place in the open file fit its SHA-256, else 0. Synchronous, constant memory. */
export function hashChunks(file: number, list: ChunkList): Uint8Array {
  const buffer = new Uint8Array(BUFFER_BYTES)
  const found = new Uint8Array(list.count)
  for (let chunk = 0; chunk < list.count; chunk++) {
    const digest = hashRange(file, buffer, list.offsets[chunk]!, chunkLength(list, chunk))
    found[chunk] = isChunkHash(list, chunk, digest) ? 1 : 0
  }
  return found
}

/** A file's SHA-256 (lower-case hex) and its size in bytes. */
export interface FileDigest {
  readonly sha256: string
  readonly bytes: number
}

/** SHA-256 over an open file from its beginning, as far as asked each time. Synchronous, constant memory. */
export interface FileHash {
  /** On to `until` bytes, or the file's end. */
  advance(file: number, until: number): void
  end(): FileDigest
}

export function createFileHash(): FileHash {
  const buffer = new Uint8Array(BUFFER_BYTES)
  const hash = createHash('sha256')
  let bytes = 0
  return {
    advance(file, until) {
      while (bytes < until) {
        const read = readSync(file, buffer, 0, Math.min(buffer.length, until - bytes), bytes)
        if (read === 0) return
        hash.update(buffer.subarray(0, read))
        bytes += read
      }
    },
    end: () => ({ sha256: hash.digest('hex'), bytes }),
  }
}

function hashRange(file: number, buffer: Uint8Array, offset: number, length: number): Buffer {
  const hash = createHash('sha256')
  for (let done = 0; done < length; ) {
    const read = readSync(file, buffer, 0, Math.min(buffer.length, length - done), offset + done)
    if (read === 0) break
    hash.update(buffer.subarray(0, read))
    done += read
  }
  return hash.digest()
}
