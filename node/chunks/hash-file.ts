import { Worker } from 'node:worker_threads'
import { Refusal } from '#schemas/refusal.ts'
import type { ChunkList } from './chunk-list.ts'
import type { HashWork } from './hash-worker.ts'

/** A thread that hashes needs next to no heap; its buffers lie outside of it. In MiB. */
const SMALL = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }

/** SHA-256 (lower-case hex) and size of a file in bytes, read in a thread of its own. */
export function hashFile(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  return runWorker({ path, list: undefined })
}

/** For each chunk 1 if the file holds it at its place, else 0; read in a thread of its own. */
export function findChunks(path: string, list: ChunkList): Promise<Uint8Array> {
  return runWorker({ path, list })
}

/** Throws FILE_TAMPERED unless the file has this size in bytes and this SHA-256 (lower-case hex). */
export async function verifyFile(
  path: string,
  expected: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  const { sha256, bytes } = await hashFile(path)
  if (!(bytes === expected.bytes && sha256 === expected.sha256)) {
    throw new Refusal('FILE_TAMPERED', { expected: expected.sha256, found: sha256, bytes })
  }
}

function runWorker<T>(work: HashWork): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { workerData: work, resourceLimits: SMALL })
  worker.on('message', resolve)
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`the hashing thread ended early with code ${code}`)))
  return promise.finally(() => worker.terminate())
}
