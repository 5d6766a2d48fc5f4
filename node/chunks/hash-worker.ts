import { closeSync, openSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { ChunkList } from './chunk-list.ts'
import { createFileHash, type FileHash, hashChunks } from './hash-chunks.ts'

/**
 * What the hashing thread is asked. `follow` hashes a file up to `until` bytes and waits for more; with `ends`, up to its end,
 * and answers. `find` answers which chunks a file holds.
 */
export type HashJob = Follow | Find | { readonly job: number; readonly drop: true }

interface Find {
  readonly job: number
  readonly path: string
  readonly find: ChunkList
}

interface Follow {
  readonly job: number
  readonly path: string
  readonly until: number
  readonly ends: boolean
}

/** Its answers, by job. */
export type HashAnswer = { readonly job: number } & ({ readonly result: unknown } | { readonly error: unknown })

const port = parentPort!
const followed = new Map<number, { readonly file: number; readonly hash: FileHash }>()

port.on('message', (asked: HashJob) => {
  const { job } = asked
  try {
    if ('find' in asked) port.postMessage({ job, result: findChunks(asked.path, asked.find) })
    else if ('drop' in asked) drop(job)
    else follow(asked)
  } catch (error) {
    drop(job)
    port.postMessage({ job, error } satisfies HashAnswer)
  }
})

function follow({ job, path, until, ends }: Follow): void {
  const known = followed.get(job) ?? { file: openSync(path, 'r'), hash: createFileHash() }
  followed.set(job, known)
  known.hash.advance(known.file, ends ? Number.POSITIVE_INFINITY : until)
  if (!ends) return
  port.postMessage({ job, result: known.hash.end() } satisfies HashAnswer)
  drop(job)
}

function drop(job: number): void {
  const known = followed.get(job)
  if (known !== undefined) closeSync(known.file)
  followed.delete(job)
}

function findChunks(path: string, list: ChunkList): Uint8Array {
  const file = openSync(path, 'r')
  try {
    return hashChunks(file, list)
  } finally {
    closeSync(file)
  }
}
