import { Refusal } from '#schemas/refusal.ts'
import { CHUNK_LIST_LIMITS, type ChunkParameters } from './chunk-parameters.ts'

const { entryBytes, maxBytes, maxChunks } = CHUNK_LIST_LIMITS

/** A parsed list: `offsets[i]` is where chunk i starts in the file, `offsets[count]` the file's size in bytes. */
export interface ChunkList {
  readonly bytes: Uint8Array
  readonly count: number
  readonly fileBytes: number
  readonly offsets: Float64Array
}

/** One entry before it is encoded: length in bytes and the 32 bytes of its SHA-256. */
export interface ChunkEntry {
  readonly length: number
  readonly sha256: Uint8Array
}

/** Writes entries as the binary list: for each chunk uint32 big-endian length, then SHA-256. */
export function encodeChunkList(entries: readonly ChunkEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * entryBytes)
  const view = new DataView(bytes.buffer)
  for (const [index, { length, sha256 }] of entries.entries()) {
    if (sha256.length !== 32) throw new TypeError('a SHA-256 has 32 bytes')
    view.setUint32(index * entryBytes, length)
    bytes.set(sha256, index * entryBytes + 4)
  }
  return bytes
}

/** What the signed manifest says of a file: its size in bytes and the parameters its chunks were cut with. */
export interface ChunkListBounds {
  readonly fileBytes: number
  readonly parameters: ChunkParameters
}

/**
 * Reads a list that came from another party. Throws CHUNK_LIST_INVALID.
 * Attack: lengths out of bounds make a consumer hold one huge chunk, or file away millions of tiny ones.
 */
export function parseChunkList(bytes: Uint8Array, { fileBytes, parameters }: ChunkListBounds): ChunkList {
  if (!(bytes.length <= maxBytes)) throw invalid('the list passes 1 MiB', { bytes: bytes.length })
  if (!(bytes.length % entryBytes === 0))
    throw invalid('the list is not a whole number of entries', { bytes: bytes.length })
  if (!(Number.isSafeInteger(fileBytes) && fileBytes >= 0))
    throw invalid('the size of the file is not a whole number', {})
  const count = bytes.length / entryBytes
  if (!(count <= maxChunks)) throw invalid('the list has too many chunks', { count })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offsets = new Float64Array(count + 1)
  for (let chunk = 0; chunk < count; chunk++) {
    const length = view.getUint32(chunk * entryBytes)
    const least = chunk === count - 1 ? 1 : parameters.minBytes
    if (!(length >= least && length <= parameters.maxBytes))
      throw invalid('a chunk is out of bounds', { chunk, length })
    offsets[chunk + 1] = offsets[chunk]! + length
  }
  if (offsets[count] !== fileBytes)
    throw invalid('the chunks do not add up to the file', { sum: offsets[count], fileBytes })
  return { bytes, count, fileBytes, offsets }
}

/** Length of a chunk in bytes. */
export function chunkLength(list: ChunkList, chunk: number): number {
  return list.offsets[chunk + 1]! - list.offsets[chunk]!
}

/** The 32 bytes of a chunk's SHA-256, a view into the list. */
export function chunkHash(list: ChunkList, chunk: number): Uint8Array {
  return list.bytes.subarray(chunk * entryBytes + 4, (chunk + 1) * entryBytes)
}

/** Does this SHA-256 digest belong to the chunk? Hashes are no secrets, so the comparison may stop early. */
export function isChunkHash(list: ChunkList, chunk: number, digest: Uint8Array): boolean {
  const start = chunk * entryBytes + 4
  if (digest.length !== 32) return false
  for (let at = 0; at < 32; at++) if (list.bytes[start + at] !== digest[at]) return false
  return true
}

function invalid(reason: string, facts: object): Refusal {
  return new Refusal('CHUNK_LIST_INVALID', { reason, ...facts })
}
