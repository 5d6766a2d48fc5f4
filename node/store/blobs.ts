import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import { isDiskFull, type Room, roomOn } from '#schemas/storage/disk-room.ts'

/** Unit of `Stats.blocks`, whatever the file system's own. */
const BLOCK_BYTES = 512

/**
 * Files and chunk lists by their SHA-256, published or pulled. Trusted: nothing; whoever reads one checks it against a
 * signed manifest, and a consumer checks every chunk. A final name always stands for whole, durable contents.
 */
export type Blobs = ReturnType<typeof createBlobs>

/** Under `folder` (`blobs/` of the data folder); makes what is missing, 0700. */
export function createBlobs(folder: string, room: Room = () => roomOn(folder)) {
  const incoming = join(folder, 'incoming')
  const partial = join(folder, 'partial')
  for (const path of [folder, incoming, partial]) mkdirSync(path, { recursive: true, mode: 0o700 })

  /** Where the blob lies or would lie. */
  function pathOf(hash: string): string {
    // Attack: a name that is not a hash could lead out of the folder.
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('a blob is named by its SHA-256 in hex')
    return join(folder, hash.slice(0, 2), hash)
  }

  function ready(hash: string): string {
    const path = pathOf(hash)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return path
  }

  /** Where the partial file of this hash grows; it survives restarts. */
  const partialPath = (hash: string): string => join(partial, `${hash}.part`)

  return {
    folder,
    room,
    incoming,
    pathOf,
    /** Like `pathOf`, with the folder made: for a caller that renames a finished file there itself. */
    pathFor: ready,
    has: (hash: string): boolean => existsSync(pathOf(hash)),
    /** A new path for a file on its way in; nothing there survives a restart. */
    incomingPath: (): string => join(incoming, randomUUID()),
    partialPath,
    /** Bytes of the disk that this blob has taken already, whole or on its way in. */
    takenBytes(hash: string): number {
      const whole = statSync(pathOf(hash), { throwIfNoEntry: false })
      // A partial file has its full length from the start; its holes take nothing.
      return whole?.size ?? (statSync(partialPath(hash), { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES
    },
    /** Stores small contents (a chunk list) durably and gives their hash. Throws DISK_FULL. */
    put(bytes: Uint8Array): string {
      const hash = sha256(bytes)
      const path = ready(hash)
      if (existsSync(path)) return hash
      const temporary = join(incoming, randomUUID())
      refusingFull(() => writeSynced(temporary, bytes))
      moveDurably(temporary, path)
      return hash
    },
    /** Gives a whole file in `incoming` its final name: contents durable first, then the name. Throws DISK_FULL. */
    adopt(path: string, hash: string): void {
      refusingFull(() => syncPath(path))
      moveDurably(path, ready(hash))
    },
    /** Contents of a small blob, if it is there and sound; a damaged one is thrown away. */
    find(hash: string): Buffer | undefined {
      const path = pathOf(hash)
      if (!existsSync(path)) return undefined
      const bytes = readFileSync(path)
      if (sha256(bytes) === hash) return bytes
      rmSync(path)
      return undefined
    },
    /** Contents of a small blob; FILE_TAMPERED when they are not what the name says. */
    read(hash: string): Buffer {
      const bytes = readFileSync(pathOf(hash))
      if (!(sha256(bytes) === hash)) throw new Refusal('FILE_TAMPERED', { expected: hash })
      return bytes
    },
  }
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncPath(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A rename is durable once its folder is; Windows journals it by itself and cannot open folders. */
function moveDurably(from: string, to: string): void {
  renameSync(from, to)
  if (process.platform === 'win32') return
  for (const folder of [dirname(to), dirname(dirname(to))]) {
    const file = openSync(folder, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

function refusingFull<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw isDiskFull(error) ? new Refusal('DISK_FULL') : error
  }
}
