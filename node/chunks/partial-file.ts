import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { ChunkList } from './chunk-list.ts'
import { type ChunkCopy, type ChunkRepeat, type ChunkRun, coalesceRuns } from './diff-chunks.ts'
import { hashChunks } from './hash-chunks.ts'
import { findChunks, verifyFile } from './hash-file.ts'
import { readRange } from './read-range.ts'
import { type ByteSource, verifyBlocks, verifyChunk } from './verify-stream.ts'

/** Files up to this size are re-hashed on the spot (a few milliseconds), larger ones in a thread. */
const INLINE_BYTES = 4 * 1024 * 1024

/**
 * A file on its way in. What is there is known from its bytes alone: opening hashes every chunk again, and whatever
 * fits its hash counts, so nothing recorded elsewhere can be wrong after a crash. Trusted: nothing on the disk.
 * One owner at a time (the server owns its folder); several runs may be received at once.
 */
export class PartialFile {
  readonly path: string
  readonly list: ChunkList
  readonly #file: FileHandle
  readonly #found: Uint8Array
  #foundBytes = 0
  #closed = false

  private constructor(path: string, list: ChunkList, file: FileHandle, found: Uint8Array) {
    this.path = path
    this.list = list
    this.#file = file
    this.#found = found
    for (const [chunk, is] of found.entries())
      if (is) this.#foundBytes += list.offsets[chunk + 1]! - list.offsets[chunk]!
  }

  /** Opens or creates the partial file at `path`, at its full length with holes, and finds the chunks it holds. */
  static async open(path: string, list: ChunkList): Promise<PartialFile> {
    // Attack: a link planted under the partial name would have another file overwritten.
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600)
    try {
      const { size } = await file.stat()
      await file.truncate(list.fileBytes)
      if (size === 0) return new PartialFile(path, list, file, new Uint8Array(list.count))
      const found = list.fileBytes <= INLINE_BYTES ? hashChunks(file.fd, list) : await findChunks(path, list)
      return new PartialFile(path, list, file, found)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Is this chunk there, verified? */
  has(chunk: number): boolean {
    return this.#found[chunk] === 1
  }

  /** Bytes of the verified chunks. */
  get foundBytes(): number {
    return this.#foundBytes
  }

  /** Byte ranges still to be fetched, in order, each at most `maxRunBytes` long unless a single chunk is longer. */
  missing(maxRunBytes: number): ChunkRun[] {
    return coalesceRuns(this.list, (chunk) => !this.has(chunk), maxRunBytes)
  }

  /** Stores one chunk. Throws CHUNK_TAMPERED before anything is written, DISK_FULL. */
  async write(chunk: number, bytes: Uint8Array): Promise<void> {
    verifyChunk(this.list, chunk, bytes)
    await this.#put(bytes, this.list.offsets[chunk]!)
    this.#count(chunk)
  }

  /**
   * Stores a run as it streams in, in constant memory; gives the bytes that counted, fewer than the run's where the
   * source ends early. Throws CHUNK_TAMPERED (chunks before it are kept), DISK_FULL, what the source throws.
   */
  async receive(
    first: number,
    count: number,
    source: ByteSource,
    onVerified: (bytes: number) => void = () => {},
  ): Promise<number> {
    let received = 0
    for await (const { offset, bytes, verified } of verifyBlocks(source, this.list, first, count)) {
      await this.#put(bytes, offset)
      const before = received
      for (const chunk of verified) received += this.#count(chunk)
      if (received > before) onVerified(received - before)
    }
    return received
  }

  /** Copies chunks out of an older file, verified like those from the wire; what does not fit, or is gone, stays missing. Gives bytes. */
  async copy(path: string, { first, count, offset, bytes }: Omit<ChunkCopy, 'source'>): Promise<number> {
    const shift = offset - this.list.offsets[first]!
    let copied = 0
    for (let chunk = first; chunk < first + count; ) {
      const source = readRange(path, this.list.offsets[chunk]! + shift, offset + bytes - 1)
      try {
        await this.receive(chunk, first + count - chunk, source, (more) => {
          copied += more
        })
        return copied
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return copied
        if (!isRefusal(error, 'CHUNK_TAMPERED')) throw error
        while (chunk < first + count && this.has(chunk)) chunk += 1
        chunk += 1
      }
    }
    return copied
  }

  /** Fills in chunks that equal another one which is there by now; a chunk whose twin is missing stays missing. Gives bytes. */
  async repeat(repeats: readonly ChunkRepeat[]): Promise<number> {
    let copied = 0
    for (const { chunk, of } of repeats) {
      const [offset, end] = [this.list.offsets[of]!, this.list.offsets[of + 1]!]
      if (this.has(of)) copied += await this.copy(this.path, { first: chunk, count: 1, offset, bytes: end - offset })
    }
    return copied
  }

  /**
   * Gives the file its final name once all of it is verified. Order: contents durable, then the name, then the folder,
   * so that after a crash a final name always stands for whole, durable contents. Throws FILE_TAMPERED.
   */
  async complete(finalPath: string, sha256: string): Promise<void> {
    const left = this.missing(Number.MAX_SAFE_INTEGER)
    if (!(left.length === 0)) throw new Error(`${left.length} runs are still missing`)
    await verifyFile(this.path, { sha256, bytes: this.list.fileBytes })
    await this.#file.sync()
    await this.close()
    await rename(this.path, finalPath)
    await syncFolder(dirname(finalPath))
  }

  /** Lets go of the file; what is verified is found again at the next opening. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }

  async #put(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
      }
    } catch (error) {
      if (hasCode(error, 'ENOSPC', 'EDQUOT')) throw new Refusal('DISK_FULL', { path: this.path })
      throw error
    }
  }

  /** Marks a chunk as there; gives its length the first time, else 0. */
  #count(chunk: number): number {
    if (this.has(chunk)) return 0
    this.#found[chunk] = 1
    const length = this.list.offsets[chunk + 1]! - this.list.offsets[chunk]!
    this.#foundBytes += length
    return length
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** A rename is durable once its folder is. Windows cannot open folders and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
