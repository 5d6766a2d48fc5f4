import { chmodSync, closeSync, openSync, readSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Refusal } from '../refusal.ts'
import type { OpenDatabase } from './open-database.ts'

/** A file that goes along with the database: keys as they lie encrypted on disk, the configuration. */
export interface BackedFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly bytes: Buffer
}

const TABLE = 'backup_files'

/**
 * One file that holds a consistent copy of the database, taken while the server runs, and the given files in a table of
 * their own. SQLite checks the whole when it is opened again. `path` must not exist. DISK_FULL by the caller's mapping.
 */
export function writeBackup(db: OpenDatabase, path: string, kind: string, files: readonly BackedFile[]): void {
  db.prepare('VACUUM INTO ?').run(path)
  const copy = new Database(path, { fileMustExist: true })
  try {
    copy.exec(`CREATE TABLE ${TABLE} (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT`)
    const insert = copy.prepare(`INSERT INTO ${TABLE} (path, bytes) VALUES (?, ?)`)
    copy.transaction(() => {
      insert.run('kind', Buffer.from(kind))
      for (const file of files) insert.run(file.path, file.bytes)
    })()
  } finally {
    copy.close()
  }
}

/** Whole, of this kind, and undamaged, or BACKUP_INVALID. Leaves at `path`, itself a copy, the bare database; returns the files. */
export function openBackup(path: string, kind: string): BackedFile[] {
  // Anything but a database answers late and badly.
  if (!isDatabase(path)) throw invalid('a backup of Hanghui')
  chmodSync(path, 0o600)
  const copy = new Database(path, { fileMustExist: true })
  try {
    if (copy.pragma('quick_check(1)', { simple: true }) !== 'ok') throw invalid('undamaged')
    const files = copy.prepare<[], BackedFile>(`SELECT path, bytes FROM ${TABLE} ORDER BY path`).all()
    const found = files.find((file) => file.path === 'kind')?.bytes.toString()
    if (found !== kind) throw invalid(`a backup of a ${kind}`)
    copy.exec(`DROP TABLE ${TABLE}; VACUUM`)
    return files.filter((file) => file.path !== 'kind')
  } catch (error) {
    if (error instanceof Database.SqliteError) throw invalid(error.code)
    throw error
  } finally {
    copy.close()
  }
}

function isDatabase(path: string): boolean {
  const head = Buffer.alloc(15)
  const file = openSync(path, 'r')
  try {
    readSync(file, head, 0, head.length, 0)
  } finally {
    closeSync(file)
  }
  return head.equals(Buffer.from('SQLite format 3'))
}

function invalid(rule: string): Refusal {
  return new Refusal('BACKUP_INVALID', { rule })
}
