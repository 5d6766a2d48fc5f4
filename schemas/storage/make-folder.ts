import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, where they are not there. One by one: the runtime's own recursive call never returns
 * where the file system has no place for a folder (`/proc`). Throws the file system's error.
 */
export function makeFolder(path: string, mode = 0o777): void {
  const above = dirname(path)
  if (!existsSync(above)) makeFolder(above, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (!((error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(path).isDirectory())) throw error
  }
}
