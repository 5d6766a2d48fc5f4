import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { writeDurably } from '#pki/durable-file.ts'
import { Refusal } from '#schemas/refusal.ts'
import { makeFolder } from '#schemas/storage/make-folder.ts'
import { refusingFileErrors } from './read-input.ts'

/** A file that is to lie in a folder under its published name. */
export interface PlacedFile {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly handle: string
  /** Where it lies in the node's `blobs/`. */
  readonly blob?: string
}

/** Writes a file to a path that does not exist, flushed to disk; gives the SHA-256 (hex) of the bytes written. */
export type Fetch = (file: PlacedFile, path: string, onBytes: (done: number) => void) => Promise<string>

const PARTIAL = '.partial-'

/**
 * Puts all files in their places, or none: identical ones stay, a different one is FILE_EXISTS before anything is moved. No
 * final name ever holds a part of a file; each is hashed as it is written here, whatever was verified before. What a killed
 * command left goes. The folder itself is flushed with the proof, which comes last.
 */
export async function placeFiles(
  dir: string,
  files: readonly PlacedFile[],
  fetch: Fetch,
  onBytes: (done: number) => void = () => {},
): Promise<void> {
  for (const { path } of files) requirePlainName(path)
  await refusingFileErrors(dir, async () => {
    makeFolder(dir)
    sweepPartial(dir)
  })
  const missing: PlacedFile[] = []
  for (const file of files) if (!(await isThere(join(dir, file.path), file))) missing.push(file)
  const fetched: { from: string; to: string; file: PlacedFile }[] = []
  let before = 0
  try {
    for (const file of missing) {
      const from = join(dir, `${PARTIAL}${process.pid}-${randomUUID()}`)
      fetched.push({ from, to: join(dir, file.path), file })
      const start = before
      const written = await refusingFileErrors(from, () => fetch(file, from, (done) => onBytes(start + done)))
      before += file.bytes
      if (!(written === file.sha256)) throw new Refusal('FILE_TAMPERED', { path: file.path })
    }
    // Somebody may have written the name since it was looked for: an equal command, as a rule.
    for (const { from, to, file } of fetched) if (!(await isThere(to, file))) renameSync(from, to)
  } finally {
    for (const { from } of fetched) rmSync(from, { force: true })
  }
}

/** Writes a proof file. One that is there gives way, since a later pull proves more; anything else there is FILE_EXISTS. */
export async function placeProof(dir: string, name: string, text: string): Promise<void> {
  requirePlainName(name)
  requireProofPlace(dir, name)
  await refusingFileErrors(dir, async () => {
    makeFolder(dir)
    writeDurably(join(dir, name), text, 0o644)
  })
}

/** FILE_EXISTS unless the place is free or holds a proof file. */
export function requireProofPlace(dir: string, name: string): void {
  const path = join(dir, name)
  if (existsSync(path) && !isProof(path)) throw new Refusal('FILE_EXISTS', { path })
}

/** SHA-256 of a file, hex, in constant memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash)
  return hash.digest('hex')
}

async function isThere(path: string, { sha256 }: PlacedFile): Promise<boolean> {
  if (!existsSync(path)) return false
  if ((await refusingFileErrors(path, () => hashFile(path))) === sha256) return true
  throw new Refusal('FILE_EXISTS', { path })
}

/** The name comes from another member: it must not lead out of the folder, or hide in it. */
function requirePlainName(name: string): void {
  if (
    !(name === basename(name) && !name.includes('\\') && !['', '.', '..'].includes(name) && !name.startsWith(PARTIAL))
  )
    throw new Refusal('PEER_MISBEHAVED', { path: name })
}

/** What a killed command left behind: the name says whose it was. */
function sweepPartial(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = Number(/^\.partial-(\d+)-/.exec(name)?.[1])
    if (Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid)) rmSync(join(dir, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isProof(path: string): boolean {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { hanghui?: unknown }).hanghui === 'proof'
  } catch {
    return false
  }
}
