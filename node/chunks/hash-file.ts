import { closeSync, fstatSync, openSync } from 'node:fs'
import { Refusal } from '#schemas/refusal.ts'
import type { ChunkList } from './chunk-list.ts'
import { createFileHash, type FileDigest, hashChunks } from './hash-chunks.ts'
import { openThreadJob } from './hash-thread.ts'

/** Files up to this size are hashed on the spot (a few milliseconds), larger ones in a thread. */
const INLINE_BYTES = 4 * 1024 * 1024

/** SHA-256 and size of a file, without holding up whoever asks. */
export async function hashFile(path: string): Promise<FileDigest> {
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).size <= INLINE_BYTES) return hashOpen(file)
  } finally {
    closeSync(file)
  }
  return followFile(path).end()
}

/** For each chunk 1 if the file holds it at its place, else 0. */
export async function findChunks(path: string, list: ChunkList): Promise<Uint8Array> {
  if (list.fileBytes <= INLINE_BYTES) {
    const file = openSync(path, 'r')
    try {
      return hashChunks(file, list)
    } finally {
      closeSync(file)
    }
  }
  const job = openThreadJob()
  job.tell({ path, find: list })
  return job.answer()
}

/** The hash of a file that is still growing: bytes that are settled are read as soon as they are known to be. */
export interface GrowingHash {
  /** The first `bytes` of the file will not change any more. */
  settled(bytes: number): void
  /** All of the file is settled. */
  end(): Promise<FileDigest>
  /** Nobody waits for it any more. */
  drop(): void
}

const STEP_BYTES = 4 * 1024 * 1024

/** A file of `bytes` bytes to come; by its end most of it has been hashed beside the receiving. */
export function followFile(path: string, bytes = Number.POSITIVE_INFINITY): GrowingHash {
  if (bytes <= INLINE_BYTES) return { settled() {}, end: () => hashFile(path), drop() {} }
  let told = 0
  const job = openThreadJob()
  return {
    settled(until) {
      if (until - told < STEP_BYTES) return
      told = until
      job.tell({ path, until, ends: false })
    },
    end() {
      job.tell({ path, until: 0, ends: true })
      return job.answer()
    },
    drop: job.drop,
  }
}

/** Throws FILE_TAMPERED unless the file has this size in bytes and this SHA-256 (lower-case hex). */
export async function verifyFile(path: string, expected: FileDigest): Promise<void> {
  requireDigest(await hashFile(path), expected)
}

/** Throws FILE_TAMPERED unless both are equal. */
export function requireDigest({ sha256, bytes }: FileDigest, expected: FileDigest): void {
  if (!(bytes === expected.bytes && sha256 === expected.sha256))
    throw new Refusal('FILE_TAMPERED', { expected: expected.sha256, found: sha256, bytes })
}

function hashOpen(file: number): FileDigest {
  const hash = createFileHash()
  hash.advance(file, Number.POSITIVE_INFINITY)
  return hash.end()
}
