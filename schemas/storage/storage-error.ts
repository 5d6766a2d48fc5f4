import Database from 'better-sqlite3'
import { Refusal } from '../refusal.ts'
import { isDiskFull } from './disk-room.ts'

/** Ends the process: what SQLite believes to be on disk may not be there. */
export type Die = (error: unknown) => never

/** After a failed fsync the kernel may have dropped the pages and report success the next time: never retry, never go on. */
const LOST: readonly string[] = ['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_DIR_FSYNC']
const DAMAGED: readonly string[] = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_CORRUPTFS']

/** SQLite's error as the refusal it is: DISK_FULL, DATABASE_DAMAGED; a lost write ends the process; anything else comes back as it was. */
export function storageError(error: unknown, die: Die): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  if (LOST.includes(error.code)) return die(error)
  if (isDiskFull(error)) return new Refusal('DISK_FULL', { sqlite: error.code })
  if (DAMAGED.some((code) => error.code.startsWith(code)))
    return new Refusal('DATABASE_DAMAGED', { sqlite: error.code })
  return error
}

/** Says why on standard error and exits at once, without any handler that could write more. */
export function dieOfStorage(error: unknown): never {
  process.stderr.write(
    `${JSON.stringify({ level: 60, msg: 'storage lost a write; stopping', error: String(error) })}\n`,
  )
  process.exit(74)
}
