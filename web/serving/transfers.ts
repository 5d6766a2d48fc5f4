import { randomUUID } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '#schemas/refusal.ts'
import { keepRoom, type Room, roomOn } from '#schemas/storage/disk-room.ts'
import { releaseBuffers } from './release-buffers.ts'

/** Files on their way between the command line and the server that owns the folder. */
export type Transfers = ReturnType<typeof createTransfers>

/** A file that the server offers for fetching. */
export interface OfferedFile {
  readonly path: string
  readonly bytes: number
}

const OFFERS_MOST = 1_000

/** Stops with DISK_FULL before the disk is full. */
function guard(room: Room) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const keep = keepRoom(room)
    for await (const chunk of chunks) {
      keep(chunk.length)
      yield chunk
    }
  }
}

/**
 * `folder` (`blobs/incoming`) is emptied at start: what lies there belongs to commands that a stop cut off. Uploads are
 * flushed to disk before they are named, so that the file can be renamed into the store as it is.
 */
export function createTransfers(folder: string, room: Room = () => roomOn(folder)) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  const uploads = new Map<string, string>()
  const offers = new Map<string, OfferedFile>()

  return {
    /** Stores a stream of any length; resolves once it is on disk. A stream that cannot be stored stays open, for its owner to answer on. */
    async receive(stream: Readable): Promise<{ upload: string; bytes: number }> {
      const upload = randomUUID()
      const path = join(folder, upload)
      const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
      try {
        await pipeline(stream.iterator({ destroyOnReturn: false }), guard(room), releaseBuffers, file)
      } catch (error) {
        // It may still be opening: what is removed before it exists would appear after.
        if (!file.closed) await new Promise((resolve) => file.once('close', resolve).destroy())
        rmSync(path, { force: true })
        throw error
      }
      uploads.set(upload, path)
      return { upload, bytes: statSync(path).size }
    },
    /** A file that the server itself put at a `scratchPath`, as an upload. */
    register(path: string): string {
      const upload = randomUUID()
      uploads.set(upload, path)
      return upload
    },
    /** Where an upload lies; NOT_FOUND for an unknown one. It stays until `discard`, or is moved away by its taker. */
    pathOf(upload: string): string {
      const path = uploads.get(upload)
      if (path === undefined || !existsSync(path)) throw new Refusal('NOT_FOUND', { upload })
      return path
    },
    discard(upload: string): void {
      const path = uploads.get(upload)
      if (path !== undefined) rmSync(path, { force: true })
      uploads.delete(upload)
    },
    /** Path in the same folder for something the server makes itself (a backup); gone at the next start. */
    scratchPath: (): string => join(folder, randomUUID()),
    /** A handle under which the command line may fetch this file. Old handles lapse when there are too many. */
    offer(path: string): string {
      const handle = randomUUID()
      offers.set(handle, { path, bytes: statSync(path).size })
      for (const oldest of offers.keys()) {
        if (offers.size <= OFFERS_MOST) break
        offers.delete(oldest)
      }
      return handle
    },
    /** NOT_FOUND for an unknown handle. */
    open(handle: string): OfferedFile {
      const file = offers.get(handle)
      if (file === undefined || !existsSync(file.path)) throw new Refusal('NOT_FOUND', { handle })
      return file
    },
  }
}
