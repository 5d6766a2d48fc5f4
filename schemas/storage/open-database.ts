import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Refusal } from '../refusal.ts'
import { migrate, readMigrations } from './migrations.ts'
import { dieOfStorage, storageError } from './storage-error.ts'

export type OpenDatabase = Database.Database

const CACHE_KIB = 8_192
const WAL_KEPT_BYTES = 64 * 1_048_576
const FULL = 2

/**
 * The server's database, migrated, every commit durable (`synchronous = FULL`). Throws NOT_INITIALISED when there is none and `create` is false,
 * DATABASE_NEWER, DATABASE_DAMAGED, DISK_FULL. Files are 0600; `migrations` is a folder of `NNN-name.sql`.
 */
export function openDatabase(path: string, migrations: string, { create }: { create: boolean }): OpenDatabase {
  if (!existsSync(path)) {
    if (!create) throw new Refusal('NOT_INITIALISED', { path })
    closeSync(openSync(path, 'wx', 0o600))
  }
  // SQLite removes the log on a clean close; one that is left means a crash, so look before trusting what it left.
  const unclean = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
  const db = new Database(path, { fileMustExist: true })
  try {
    configure(db)
    if (unclean) checkDatabase(db)
    migrate(db, path, readMigrations(migrations))
    return db
  } catch (error) {
    db.close()
    throw storageError(error, dieOfStorage)
  }
}

/** Settings of every connection; a WAL database reopens at NORMAL, so FULL is set and asserted each time. */
export function configure(db: OpenDatabase): void {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('busy_timeout = 5000')
  db.pragma(`cache_size = -${CACHE_KIB}`)
  db.pragma('mmap_size = 0')
  db.pragma('wal_autocheckpoint = 1000')
  db.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`)
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  // Evidence: with NORMAL the last commits before a power cut are lost although they were answered.
  if (db.pragma('synchronous', { simple: true }) !== FULL) throw new Error('SQLite refuses synchronous = FULL')
  if (db.pragma('journal_mode', { simple: true }) !== 'wal') throw new Error('SQLite refuses journal_mode = WAL')
}

/** SQLite's own check of the file; throws DATABASE_DAMAGED. After an unclean stop, and daily. */
export function checkDatabase(db: OpenDatabase): void {
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw new Refusal('DATABASE_DAMAGED', { found })
}
