import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { isDiskFull, keepRoom, type Room, roomOn } from '#schemas/storage/disk-room.ts'
import type { ChunkList } from './chunk-list.ts'
import { type ChunkCopy, type ChunkRepeat, type ChunkRun, coalesceRuns } from './diff-chunks.ts'
import { findChunks, followFile, type GrowingHash, requireDigest } from './hash-file.ts'
import { readRange } from './read-range.ts'
import { type BlockPair, makeBlocks, type Run, RunWriter } from './run-writer.ts'

/** Bytes in the order of arrival: a file stream. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * A file on its way in. What is there is known from its bytes alone: opening hashes every chunk again, and whatever
 * fits its hash counts, so nothing recorded elsewhere can be wrong after a crash. Trusted: nothing on the disk.
 * One owner at a time (the server owns its folder); several runs may be received at once.
 */
export class PartialFile {
  readonly path: string
  readonly list: ChunkList
  readonly #file: FileHandle
  readonly #keepRoom: (bytes: number) => void
  readonly #found: Uint8Array
  readonly #whole: GrowingHash
  /** Chunks from the start on without a gap. */
  #settled = 0
  #foundBytes = 0
  #copying: BlockPair | undefined
  #closed = false

  private constructor(path: string, list: ChunkList, file: FileHandle, found: Uint8Array, room: Room) {
    this.path = path
    this.list = list
    this.#file = file
    this.#keepRoom = keepRoom(room)
    this.#found = found
    for (const [chunk, is] of found.entries())
      if (is) this.#foundBytes += list.offsets[chunk + 1]! - list.offsets[chunk]!
    this.#whole = followFile(path, list.fileBytes)
    this.#settle()
  }

  /** Opens or creates the partial file at `path`, at its full length with holes, and finds the chunks it holds. */
  static async open(path: string, list: ChunkList, room: Room = () => roomOn(dirname(path))): Promise<PartialFile> {
    // Attack: a link planted under the partial name would have another file overwritten.
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600)
    try {
      const { size } = await file.stat()
      await file.truncate(list.fileBytes)
      if (size === 0) return new PartialFile(path, list, file, new Uint8Array(list.count), room)
      return new PartialFile(path, list, file, await findChunks(path, list), room)
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

  /** Takes a run as its bytes come in, each chunk verified before it counts. CHUNK_TAMPERED (chunks before it are kept), DISK_FULL. */
  openRun(run: Run, blocks: BlockPair, onVerified: (bytes: number) => void): RunWriter {
    return new RunWriter(this.list, run, blocks, async (bytes, offset, verified) => {
      await this.#put(bytes, offset)
      const before = this.#foundBytes
      for (const chunk of verified) this.#count(chunk)
      if (this.#foundBytes > before) onVerified(this.#foundBytes - before)
    })
  }

  /** The same from a source; gives the bytes that counted, fewer than the run's where the source ends early. Throws what the source throws. */
  async receive(
    first: number,
    count: number,
    source: ByteSource,
    onVerified: (bytes: number) => void = () => {},
    blocks = makeBlocks(),
  ): Promise<number> {
    let received = 0
    const run = this.openRun({ first, count }, blocks, (bytes) => {
      received += bytes
      onVerified(bytes)
    })
    try {
      for await (const piece of source) await run.take(piece)
    } finally {
      await run.end()
    }
    return received
  }

  /** Copies chunks out of an older file, one copy at a time, verified like those from the wire; what does not fit, or is gone, stays missing. Gives bytes. */
  async copy(path: string, { first, count, offset, bytes }: Omit<ChunkCopy, 'source'>): Promise<number> {
    const shift = offset - this.list.offsets[first]!
    const end = first + count
    let copied = 0
    for (let chunk = first; chunk < end; ) {
      const source = readRange(path, this.list.offsets[chunk]! + shift, offset + bytes - 1)
      this.#copying ??= makeBlocks()
      const count = (more: number) => {
        copied += more
      }
      try {
        await this.receive(chunk, end - chunk, source, count, this.#copying)
        return copied
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return copied
        if (!isRefusal(error, 'CHUNK_TAMPERED')) throw error
        while (chunk < end && this.has(chunk)) chunk += 1
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
    const [digest] = await Promise.all([this.#whole.end(), this.#file.sync()])
    requireDigest(digest, { sha256, bytes: this.list.fileBytes })
    await this.close()
    await rename(this.path, finalPath)
    await syncFolder(dirname(finalPath))
  }

  /** Lets go of the file; what is verified is found again at the next opening. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#whole.drop()
    await this.#file.close()
  }

  async #put(bytes: Uint8Array, offset: number): Promise<void> {
    this.#keepRoom(bytes.length)
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
      }
    } catch (error) {
      throw isDiskFull(error) ? new Refusal('DISK_FULL', { path: this.path }) : error
    }
  }

  #count(chunk: number): void {
    if (this.has(chunk)) return
    this.#found[chunk] = 1
    this.#foundBytes += this.list.offsets[chunk + 1]! - this.list.offsets[chunk]!
    this.#settle()
  }

  #settle(): void {
    while (this.#settled < this.list.count && this.has(this.#settled)) this.#settled += 1
    this.#whole.settled(this.list.offsets[this.#settled]!)
  }
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
