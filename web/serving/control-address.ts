import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { writeDurably } from '#pki/durable-file.ts'

/** sockaddr_un holds 104 bytes on some systems, 108 on Linux; Node cuts longer paths without a word. */
const SOCKET_PATH_BYTES = 100
const RUN_FOLDER = 'hanghui-'

/** Address of the control socket as clients find it: the file `control` names one that lies elsewhere. */
export function findControlAddress(dataDir: string): string {
  const dir = resolve(dataDir)
  const elsewhere = join(dir, 'control')
  return existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8').trim() : join(dir, 'control.sock')
}

/** Address to listen on. The folder is locked by now, so a socket that is still there is a dead process's and goes. */
export function takeControlAddress(dataDir: string): string {
  const dir = resolve(dataDir)
  dropControlAddress(dir)
  const path = join(dir, 'control.sock')
  if (process.platform !== 'win32' && Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return path
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\hanghui-${randomUUID()}` : join(makeRunFolder(), 'control.sock')
  writeDurably(join(dir, 'control'), `${address}\n`, 0o600)
  return address
}

/** Removes the socket of this folder, wherever it lies; of a run folder nothing but the socket and, once empty, the folder. */
export function dropControlAddress(dataDir: string): void {
  const dir = resolve(dataDir)
  const address = findControlAddress(dir)
  if (process.platform !== 'win32') {
    rmSync(address, { force: true })
    if (dirname(address) !== dir) removeEmpty(dirname(address))
  }
  rmSync(join(dir, 'control'), { force: true })
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    // Gone already, or somebody's files lie there: either way it is not ours to remove.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), RUN_FOLDER))
  chmodSync(folder, 0o700)
  return folder
}
