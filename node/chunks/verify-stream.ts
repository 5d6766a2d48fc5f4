import { createHash } from 'node:crypto'
import { Refusal } from '#schemas/refusal.ts'
import { type ChunkList, chunkLength, isChunkHash } from './chunk-list.ts'

const BLOCK_BYTES = 1024 * 1024

/** Bytes in the order of arrival: a response body, a file stream. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Bytes for place `offset` of the file, valid until the next step, and the chunks that are whole and right with them. */
export interface VerifiedBlock {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly verified: readonly number[]
}

/** One chunk that fits its SHA-256. */
export interface VerifiedChunk {
  readonly chunk: number
  readonly offset: number
  readonly bytes: Uint8Array
}

/**
 * Verifies a run of chunks in constant memory, however long a chunk is: blocks of at most 1 MiB, in order. A chunk
 * longer than a block comes in parts and counts with its last. A source that ends early just ends; bytes of a chunk
 * that fits in a block are never handed on before they are verified. Throws CHUNK_TAMPERED, also for surplus bytes.
 */
export async function* verifyBlocks(
  source: ByteSource,
  list: ChunkList,
  first: number,
  count: number,
): AsyncGenerator<VerifiedBlock> {
  const end = first + count
  const buffer = new Uint8Array(Math.min(BLOCK_BYTES, list.offsets[end]! - list.offsets[first]!))
  let offset = list.offsets[first]!
  let chunk = first
  let hash = createHash('sha256')
  let [filled, proved, verified] = [0, 0, [] as number[]]

  const block = (length: number): VerifiedBlock => ({ offset, bytes: buffer.subarray(0, length), verified })

  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      if (!(chunk < end)) throw tampered(chunk, 'more bytes than the run has')
      const left = list.offsets[chunk + 1]! - offset - filled
      const part = piece.subarray(at, at + Math.min(left, buffer.length - filled))
      buffer.set(part, filled)
      hash.update(part)
      at += part.length
      filled += part.length
      if (part.length === left) {
        if (!isChunkHash(list, chunk, hash.digest())) {
          if (proved > 0) yield block(proved)
          throw tampered(chunk, 'SHA-256 differs')
        }
        verified.push(chunk)
        proved = filled
        chunk += 1
        hash = createHash('sha256')
      }
      // Chunks that fit in a block wait for their proof: what is proved goes out, the rest moves to the front.
      if (filled === buffer.length) {
        const length = proved > 0 ? proved : filled
        yield block(length)
        buffer.copyWithin(0, length, filled)
        offset += length
        filled -= length
        proved = 0
        verified = []
      }
    }
  }
  if (proved > 0) yield block(proved)
}

/** The same as whole chunks, one at a time; memory is one chunk, so for sets whose `maxBytes` the caller can afford. */
export async function* verifyChunks(
  source: ByteSource,
  list: ChunkList,
  first: number,
  count: number,
): AsyncGenerator<VerifiedChunk> {
  const end = first + count
  let chunk = first
  let [bytes, filled] = [new Uint8Array(0), 0]
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      if (!(chunk < end)) throw tampered(chunk, 'more bytes than the run has')
      if (filled === 0) bytes = new Uint8Array(chunkLength(list, chunk))
      const part = piece.subarray(at, at + bytes.length - filled)
      bytes.set(part, filled)
      at += part.length
      filled += part.length
      if (filled < bytes.length) continue
      verifyChunk(list, chunk, bytes)
      yield { chunk, offset: list.offsets[chunk]!, bytes }
      chunk += 1
      filled = 0
    }
  }
}

/** Throws CHUNK_TAMPERED unless these bytes are the chunk. */
export function verifyChunk(list: ChunkList, chunk: number, bytes: Uint8Array): void {
  if (!(bytes.length === chunkLength(list, chunk))) throw tampered(chunk, 'length differs')
  if (!isChunkHash(list, chunk, createHash('sha256').update(bytes).digest())) throw tampered(chunk, 'SHA-256 differs')
}

function tampered(chunk: number, reason: string): Refusal {
  return new Refusal('CHUNK_TAMPERED', { chunk, reason })
}
