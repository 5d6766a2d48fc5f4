import { chmodSync, existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { Refusal } from '#schemas/refusal.ts'
import { makeFolder } from '#schemas/storage/make-folder.ts'

/** A data folder that this process owns until `release`, or until it dies. */
export interface FolderLock {
  readonly dir: string
  release(): void
}

/** The lock's own files, as they lie while it is held. */
export const LOCK_FILES: readonly string[] = ['lock', 'lock-journal']

/** A lock that nothing refers to would be collected, and with it closed. */
const HELD = new Set<Database.Database>()

/**
 * For `init` and `restore`: makes the folder and owns it while `work` runs, so that two of them never build in one.
 * `requireNew` refuses a folder that is taken; before the lock, so that nothing is left in it, and again under the lock.
 */
export async function ownNewFolder<T>(
  dir: string,
  requireNew: (dataDir: string) => void,
  work: (dataDir: string) => T | Promise<T>,
): Promise<T> {
  const dataDir = makeDataFolder(dir)
  requireNew(dataDir)
  const lock = lockDataFolder(dataDir)
  try {
    requireNew(dataDir)
    return await work(dataDir)
  } finally {
    lock.release()
  }
}

/** `config.toml` makes a folder a server's. ALREADY_INITIALISED. */
export function requireNoServer(dataDir: string): void {
  if (existsSync(join(dataDir, 'config.toml'))) throw new Refusal('ALREADY_INITIALISED', { dataDir })
}

/** Makes the folder, or takes one that is there, readable by its owner alone. Returns its full path. */
export function makeDataFolder(dir: string): string {
  const path = resolve(dir)
  makeFolder(path, 0o700)
  chmodSync(path, 0o700)
  return path
}

/**
 * Takes the folder; a second process is refused with ALREADY_RUNNING. The lock is the operating system's own, held through
 * SQLite on the file `lock`, so none is ever stale: it ends with the process, kill -9 included. NOT_INITIALISED
 * without the folder, KEY_PERMISSIONS when others may enter it.
 */
export function lockDataFolder(dir: string): FolderLock {
  const path = resolve(dir)
  requirePrivate(path)
  const lock = new Database(join(path, 'lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw new Refusal('ALREADY_RUNNING', { dataDir: path })
    throw error
  }
  HELD.add(lock)
  return {
    dir: path,
    release: () => {
      HELD.delete(lock)
      lock.close()
    },
  }
}

/** Whoever can open the control socket acts as the server itself, so the folder is the door. */
function requirePrivate(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new Refusal('NOT_INITIALISED', { path })
  if (process.platform === 'win32') return
  if (!((stats.mode & 0o077) === 0 && stats.uid === process.geteuid?.())) {
    throw new Refusal('KEY_PERMISSIONS', {
      path,
      detail: {
        zh: `数据目录可被他人访问，请运行 chmod 700 ${path}`,
        en: `Others may enter the data folder; run chmod 700 ${path}`,
      },
    })
  }
}
