import { closeSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { ChunkList } from './chunk-list.ts'
import { hashChunks, hashWhole } from './hash-chunks.ts'

/** What the hashing thread is given: a file, and its list if chunks are to be found in it. */
export interface HashWork {
  readonly path: string
  readonly list: ChunkList | undefined
}

const { path, list } = workerData as HashWork
const file = openSync(path, 'r')
try {
  parentPort!.postMessage(list === undefined ? hashWhole(file) : hashChunks(file, list))
} finally {
  closeSync(file)
}
