import { statfsSync } from 'node:fs'
import { Refusal } from '../refusal.ts'

/** Bytes that files may still take; below zero once they have taken too many. */
export type Room = () => number

const MIB = 1_048_576
const LOOK_AGAIN_BYTES = 64 * MIB
/** Writers that may be at it beside each other, each trusting its last look, before what is reserved is touched. */
const WRITERS = 8
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']

/** What is free beyond that which files leave to the databases: without evidence nothing is served (threats F6). */
export function roomOn(folder: string): number {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return bavail * bsize - reserveOf(blocks * bsize)
}

/**
 * A twentieth of the disk, at most 1 GiB; of a small one at least the 8 MiB that cover a database's log before it is copied
 * over (`wal_autocheckpoint`), at most a quarter.
 */
export function reserveOf(diskBytes: number): number {
  return Math.max(Math.min(diskBytes / 20, 1_024 * MIB), Math.min(diskBytes / 4, 8 * MIB))
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
