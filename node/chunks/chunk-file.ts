import { Worker } from 'node:worker_threads'
import { Refusal } from '#schemas/refusal.ts'
import { type ChunkParameters, nextParameters } from './chunk-parameters.ts'
import type { ChunkNews, ChunkWork } from './chunk-worker.ts'
import type { CutFile } from './cut-chunks.ts'

/** A thread that hashes needs next to no heap; its buffers lie outside of it. In MiB. */
const SMALL = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }

/** A chunked file, with the parameters that were used: a larger set than asked for if its list would pass 1 MiB. */
export interface ChunkedFile extends CutFile {
  readonly parameters: ChunkParameters
}

/**
 * Cuts a file into content-defined chunks in a thread of its own, in constant memory; `onProgress` gets bytes.
 * Throws INPUT_TOO_COSTLY where no set is large enough, the abort reason, or what the file system says.
 */
export async function chunkFile(
  path: string,
  parameters: ChunkParameters,
  onProgress: (bytes: number) => void = () => {},
  signal?: AbortSignal,
): Promise<ChunkedFile> {
  for (let used: ChunkParameters | undefined = parameters; used; used = nextParameters(used)) {
    const cut = await runWorker({ path, parameters: used }, onProgress, signal)
    if (cut) return { ...cut, parameters: used }
  }
  throw new Refusal('INPUT_TOO_COSTLY', { reason: 'the file is too large for any chunking parameters' })
}

function runWorker(
  work: ChunkWork,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<CutFile | undefined> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<CutFile | undefined>()
  const worker = new Worker(new URL('./chunk-worker.ts', import.meta.url), { workerData: work, resourceLimits: SMALL })
  const abort = () => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  worker.on('message', (news: ChunkNews) => ('progress' in news ? onProgress(news.progress) : resolve(news.result)))
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`the chunking thread ended early with code ${code}`)))
  return promise.finally(() => {
    signal?.removeEventListener('abort', abort)
    return worker.terminate()
  })
}
