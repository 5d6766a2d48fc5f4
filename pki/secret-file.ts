/** Reading a file that nobody but its owner may read. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { PkiError } from './error.ts'

const maxSecretBytes = 64 * 1024

/**
 * Content of a secret file. Throws KEY_PERMISSIONS if group or others have any right on it or it belongs to somebody else (POSIX),
 * KEY_UNREADABLE if it is missing, no plain file, or larger than 64 KiB. The checks are made on the opened file, not on its name.
 */
export function readSecretFile(path: string): string {
  const file = openSecret(path)
  try {
    const stats = fstatSync(file)
    checkSecret(path, stats)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function openSecret(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new PkiError('KEY_UNREADABLE', 'file', { path, reason: (error as NodeJS.ErrnoException).code ?? 'unknown' })
  }
}

function checkSecret(path: string, stats: Stats): void {
  if (!(stats.isFile() && stats.size <= maxSecretBytes)) throw new PkiError('KEY_UNREADABLE', 'file', { path })
  // Windows reports no such bits; there the folder's access list protects the file.
  if (process.platform === 'win32') return
  const mode = stats.mode & 0o777
  if (!((mode & 0o077) === 0))
    throw new PkiError('KEY_PERMISSIONS', 'mode', { path, mode: mode.toString(8).padStart(4, '0') })
  if (!(stats.uid === process.geteuid?.())) throw new PkiError('KEY_PERMISSIONS', 'owner', { path, owner: stats.uid })
}
