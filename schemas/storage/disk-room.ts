import { statfsSync } from 'node:fs'
import { Refusal } from '../refusal.ts'

/** Bytes that files may still take; below zero once they have taken too many. */
export type Room = () => number

const LOOK_AGAIN_BYTES = 64 * 1_048_576
const RESERVED_BYTES = 1_073_741_824
/** Writers that may be at it beside each other, each trusting its last look, before what is reserved is touched. */
const WRITERS = 8
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']

/**
 * What is free beyond a twentieth of the disk, or 1 GiB where that is less. Files leave that to the databases: without
 * evidence nothing is served (threats F6).
 */
export function roomOn(folder: string): number {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return bavail * bsize - Math.min((blocks * bsize) / 20, RESERVED_BYTES)
}

/** DISK_FULL, with what is wanted and what there is, unless so many bytes have room. */
export function requireRoom(bytes: number, room: Room): void {
  const free = Math.max(0, Math.floor(room()))
  if (bytes <= free) return
  const detail = {
    zh: `还需写入 ${bytes} 字节，磁盘上可用 ${free} 字节`,
    en: `${bytes} bytes are still to be written; the disk has room for ${free}`,
  }
  throw new Refusal('DISK_FULL', { neededBytes: bytes, freeBytes: free, detail })
}

/** For one writer, called before each write: DISK_FULL while the databases can still be written. */
export function keepRoom(room: Room): (bytes: number) => void {
  let left = 0
  return (bytes) => {
    if (left < bytes) {
      const free = room()
      if (free < bytes) throw new Refusal('DISK_FULL')
      // Others write to the same disk, so one look does not last.
      left = Math.min(free / WRITERS, LOOK_AGAIN_BYTES)
    }
    left -= bytes
  }
}

/** Did the disk, or the user's share of it, end? In the words of the file system or of SQLite. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FULL.includes(error.code)
}
