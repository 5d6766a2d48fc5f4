import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'

/** A file to be kept: its name in the archive (with `/`), and where it lies. */
export interface ArchivedFile {
  readonly name: string
  readonly path: string
}

const MAGIC = 'hanghui-backup 1\n'
const HEADER_BYTES = 65_536
const BUFFER_BYTES = 1_048_576

/**
 * Writes a backup: a first line, a line of JSON about the whole, then for each file a line of JSON (name, bytes) and its
 * bytes, at the end the SHA-256 of everything before. In constant memory; on disk when it resolves.
 */
export async function writeArchive(
  path: string,
  about: object,
  files: readonly ArchivedFile[],
): Promise<{ sha256: string; bytes: number }> {
  const whole = createHash('sha256')
  const inner = createHash('sha256')
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
  let bytes = 0
  const put = async (piece: Buffer) => {
    whole.update(piece)
    bytes += piece.length
    if (!out.write(piece)) await once(out, 'drain')
  }
  try {
    const keep = (piece: Buffer) => {
      inner.update(piece)
      return put(piece)
    }
    await keep(Buffer.from(`${MAGIC}${JSON.stringify(about)}\n`))
    for (const file of files) {
      const size = statSync(file.path).size
      await keep(Buffer.from(`${JSON.stringify({ name: file.name, bytes: size })}\n`))
      // A file may grow while it is read; what the line says is what follows.
      if (size > 0)
        for await (const piece of createReadStream(file.path, { end: size - 1 })) await keep(piece as Buffer)
    }
    await put(Buffer.from(`${JSON.stringify({ sha256: inner.digest('hex') })}\n`))
    out.end()
    await once(out, 'close')
  } catch (error) {
    out.destroy()
    throw error
  }
  return { sha256: whole.digest('hex'), bytes }
}

/**
 * Unpacks a backup into `folder`, which must be empty. Everything is checked while it is written; where the end is missing or
 * differs, BACKUP_INVALID, and nothing of it may be used. Returns what its second line says.
 */
export function readArchive(path: string, folder: string): Record<string, unknown> {
  const reader = createReader(path)
  try {
    if (!(reader.line() === MAGIC.trimEnd())) throw invalid('it is a backup of this software')
    const about = parse(reader.line())
    for (;;) {
      const digest = reader.digest()
      const entry = parse(reader.line())
      if (typeof entry['sha256'] === 'string') {
        if (!(entry['sha256'] === digest && reader.atEnd())) throw invalid('it is whole and unchanged')
        return about
      }
      unpack(reader, entry, folder)
    }
  } finally {
    reader.close()
  }
}

type Reader = ReturnType<typeof createReader>

function unpack(reader: Reader, { name, bytes }: Record<string, unknown>, folder: string): void {
  // A name that leads out of the folder would overwrite what is not ours (zip slip).
  const parts = typeof name === 'string' ? name.split('/') : []
  const plain =
    parts.length > 0 && parts.every((part) => /^[A-Za-z0-9._-]{1,128}$/.test(part) && part !== '.' && part !== '..')
  if (!(plain && Number.isSafeInteger(bytes) && (bytes as number) >= 0))
    throw invalid('each file has a plain name and a size')
  const target = join(folder, parts.join(sep))
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  const out = openSync(target, 'wx', 0o600)
  try {
    reader.copy(bytes as number, (piece) => void writeSync(out, piece))
    fsyncSync(out)
  } finally {
    closeSync(out)
  }
}

/** Reads forward, hashing everything it hands out. */
function createReader(path: string) {
  const file = openSync(path, 'r')
  const size = statSync(path).size
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(BUFFER_BYTES)
  let at = 0

  const take = (piece: Buffer) => {
    hash.update(piece)
    at += piece.length
  }

  return {
    /** SHA-256 of everything read so far. */
    digest: () => hash.copy().digest('hex'),
    atEnd: () => at === size,
    line(): string {
      const read = readSync(file, buffer, 0, HEADER_BYTES, at)
      const end = buffer.subarray(0, read).indexOf(0x0a)
      if (end < 0) throw invalid('it is whole')
      const line = buffer.subarray(0, end + 1)
      const text = line.toString('utf8', 0, end)
      take(line)
      return text
    },
    copy(bytes: number, write: (piece: Buffer) => void): void {
      for (let left = bytes; left > 0; ) {
        const read = readSync(file, buffer, 0, Math.min(left, buffer.length), at)
        if (read === 0) throw invalid('it is whole')
        const piece = buffer.subarray(0, read)
        write(piece)
        take(piece)
        left -= read
      }
    },
    close: () => closeSync(file),
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    throw invalid('its lines are JSON')
  }
  throw invalid('its lines are JSON objects')
}

function invalid(rule: string): Refusal {
  return new Refusal('BACKUP_INVALID', { rule })
}
