import { existsSync, rmSync } from 'node:fs'
import type { ManifestFile } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { ChunkList } from '../chunks/chunk-list.ts'
import { planChunks } from '../chunks/diff-chunks.ts'
import { verifyFile } from '../chunks/hash-file.ts'
import { PartialFile } from '../chunks/partial-file.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import { fetchRuns } from './fetch-runs.ts'
import type { FileToReceive, ReceiveOptions } from './file-to-receive.ts'
import type { EarlierFile } from './find-earlier-files.ts'
import { readChunkList } from './read-chunk-list.ts'

type Deps = Pick<ExchangeDeps, 'blobs'>

/** One request asks for so much: its right is checked anew, and recorded, once. */
const RUN_BYTES = 16 * 1024 * 1024

export type ReceiveFile = ReturnType<typeof createReceiveFile>

/** Protocol 6.6, consumer's side: chunks from the disk where earlier versions have them, the rest from the owner. */
export function createReceiveFile({ blobs }: Deps) {
  const busy = new Map<string, Promise<void>>()

  /**
   * Resolves when the file is whole, verified, durable and in `blobs/` under its hash. Two pulls may want the same contents:
   * a partial file has one writer, and whoever comes second finds it whole.
   */
  return async function receiveFile(what: FileToReceive, options: ReceiveOptions): Promise<void> {
    const { sha256: hash } = what.file
    for (let other = busy.get(hash); other !== undefined; other = busy.get(hash)) await other.catch(() => {})
    const own = receive(what, options).finally(() => busy.delete(hash))
    busy.set(hash, own)
    await own
  }

  async function receive(what: FileToReceive, options: ReceiveOptions): Promise<void> {
    const { file, earlier } = what
    if (await isWhole(file)) return options.received.reuse(file.bytes)
    const list = await readChunkList(blobs, what, options.session)
    const partial = await PartialFile.open(blobs.partialPath(file.sha256), list, blobs.room)
    try {
      const lists = earlier.map((one) => one.list)
      const plan = (from: readonly ChunkList[], has = (chunk: number) => partial.has(chunk)) =>
        planChunks(list, from, { has, maxRunBytes: RUN_BYTES })
      const { copies, fetchBytes } = plan(lists)
      // What lies there and could come from no earlier version was fetched, whatever was counted before a crash.
      await options.received.start(partial.foundBytes, plan(lists, () => false).fetchBytes - fetchBytes)
      for (const copy of copies)
        await options.received.reuse(await partial.copy((earlier[copy.source] as EarlierFile).path, copy))
      // A copy that did not fit its hash is missing still, and is fetched like the rest.
      await fetchRuns(partial, plan([]).runs, what, options)
      await options.received.reuse(await partial.repeat(plan([]).repeats))
      await partial.complete(blobs.pathFor(file.sha256), file.sha256)
      await options.received.end()
    } finally {
      await partial.close()
    }
  }

  /** A blob already there is hashed again before it counts; a damaged one is put aside and fetched anew. */
  async function isWhole({ sha256: hash, bytes }: ManifestFile): Promise<boolean> {
    const path = blobs.pathOf(hash)
    if (!existsSync(path)) return false
    try {
      await verifyFile(path, { sha256: hash, bytes })
      return true
    } catch (error) {
      if (!isRefusal(error, 'FILE_TAMPERED')) throw error
      rmSync(path)
      return false
    }
  }
}
