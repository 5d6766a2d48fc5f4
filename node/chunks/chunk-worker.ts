import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { ChunkParameters } from './chunk-parameters.ts'
import { type CutFile, cutChunks } from './cut-chunks.ts'

/** What the thread that chunks a file is given. */
export interface ChunkWork {
  readonly path: string
  readonly parameters: ChunkParameters
}

/** What it posts: bytes done so far, then the result (`undefined`: the list would pass 1 MiB). */
export type ChunkNews = { readonly progress: number } | { readonly result: CutFile | undefined }

const PROGRESS_BYTES = 16 * 1024 * 1024

const { path, parameters } = workerData as ChunkWork
const port = parentPort!
const file = openSync(path, 'r')
let told = 0
try {
  const result = cutChunks(
    (buffer) => readSync(file, buffer),
    parameters,
    (progress) => {
      if (progress - told < PROGRESS_BYTES) return
      told = progress
      port.postMessage({ progress } satisfies ChunkNews)
    },
  )
  port.postMessage({ result } satisfies ChunkNews)
} finally {
  closeSync(file)
}
