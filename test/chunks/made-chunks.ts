import { createCipheriv, createHash } from 'node:crypto'
import { type ChunkList, chunkLength, encodeChunkList, parseChunkList } from '../../node/chunks/chunk-list.ts'
import { CHUNK_PARAMETERS, type ChunkParameters } from '../../node/chunks/chunk-parameters.ts'
import { type CutFile, cutChunks } from '../../node/chunks/cut-chunks.ts'
import { createGearTable } from '../../node/chunks/gear.ts'

/** Parameters for properties that want many chunks of few bytes. */
export const TINY: ChunkParameters = { id: 'tiny', minBytes: 64, averageBytes: 256, maxBytes: 1024 }

/** Cuts bytes in memory, read `step` at a time; undefined (past the type) when the list would be too long. */
export function cutBytes(bytes: Uint8Array, parameters: ChunkParameters, step: number): CutFile {
  let at = 0
  const read = (buffer: Uint8Array) => {
    const part = bytes.subarray(at, at + Math.min(step, buffer.length))
    buffer.set(part)
    at += part.length
    return part.length
  }
  return cutChunks(read, parameters, () => {}) as CutFile
}

/** The parsed list of a cut. */
export function listOf(
  cut: Pick<CutFile, 'list' | 'bytes'>,
  parameters: ChunkParameters = CHUNK_PARAMETERS[0],
): ChunkList {
  return parseChunkList(cut.list, { fileBytes: cut.bytes, parameters })
}

/** Lengths of all chunks in bytes. */
export function lengthsOf(list: ChunkList): number[] {
  return Array.from({ length: list.count }, (_, chunk) => chunkLength(list, chunk))
}

/** A list whose chunks are named by small numbers: equal numbers, equal chunks. */
export function listOfLetters(values: readonly number[]): ChunkList {
  const lengthOf = (value: number) => 16_384 + value * 10_240
  const entries = values.map((value) => ({
    length: lengthOf(value),
    sha256: createHash('sha256').update(`${value}`).digest(),
  }))
  const fileBytes = values.reduce((sum, value) => sum + lengthOf(value), 0)
  return parseChunkList(encodeChunkList(entries), { fileBytes, parameters: CHUNK_PARAMETERS[0] })
}

/** The definition above createCutter, written down naively as a second opinion. */
export function lengthsByDefinition(bytes: Uint8Array, parameters: ChunkParameters): number[] {
  const { minBytes, averageBytes, maxBytes } = parameters
  const table = createGearTable()
  const bits = Math.log2(averageBytes)
  const lengths: number[] = []
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    length += 1
    let hash = 0
    for (let back = 0; back < 32 && back <= at; back++) {
      hash = (hash + ((table[bytes[at - back] ?? 0] ?? 0) << back)) | 0
    }
    const wanted = length <= averageBytes / 2 ? bits + 1 : bits - 1
    if (length === maxBytes || (length >= minBytes && Math.clz32(hash) >= wanted)) {
      lengths.push(length)
      length = 0
    }
  }
  return length > 0 ? [...lengths, length] : lengths
}

/** Bytes for vectors, easy to make in any language: SHA-256 over `1:0`, `1:1`, … one after the other. */
export function countedBytes(length: number): Buffer {
  const blocks = Array.from({ length: length / 32 }, (_, block) => createHash('sha256').update(`1:${block}`).digest())
  return Buffer.concat(blocks)
}

/** The same random bytes on every machine: AES-256 in counter mode. */
export function pseudoRandom(length: number, seed = 1): Buffer {
  const key = createHash('sha256').update(`${seed}`).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}
