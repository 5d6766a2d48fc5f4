import { existsSync, rmSync } from 'node:fs'
import { sha256 } from '#schemas/hash.ts'
import type { ManifestFile } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { type ChunkList, parseChunkList } from '../chunks/chunk-list.ts'
import { findParameters } from '../chunks/chunk-parameters.ts'
import { type ChunkRun, planChunks } from '../chunks/diff-chunks.ts'
import { verifyFile } from '../chunks/hash-file.ts'
import { PartialFile } from '../chunks/partial-file.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { ReceivedBytes } from './count-received.ts'
import type { EarlierFile } from './find-earlier-files.ts'
import type { OwnerSession } from './open-session.ts'

type Deps = Pick<ExchangeDeps, 'blobs'>

/** One file of a pull. */
export interface FileToReceive {
  readonly pull: string
  readonly n: number
  readonly file: ManifestFile
  readonly earlier: readonly EarlierFile[]
}

/** Where bytes are counted and shown. */
export interface ReceiveOptions {
  readonly session: OwnerSession
  readonly received: ReceivedBytes
}

const RUN_BYTES = 8 * 1024 * 1024
const CONNECTIONS = 4

export type ReceiveFile = ReturnType<typeof createReceiveFile>

/** Protocol 6.6, consumer's side: chunks from the disk where earlier versions have them, the rest over four connections. */
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
    const list = await readList(what, options.session)
    const partial = await PartialFile.open(blobs.partialPath(file.sha256), list)
    try {
      const lists = earlier.map((one) => one.list)
      const whole = planChunks(list, lists, { has: () => false, maxRunBytes: RUN_BYTES })
      const before = partial.foundBytes
      const plan = planChunks(list, lists, { has: (chunk) => partial.has(chunk), maxRunBytes: RUN_BYTES })
      // What lies there and could come from no earlier version was fetched, whatever was counted before a crash.
      await options.received.startFile(before, whole.fetchBytes - plan.fetchBytes)
      for (const copy of plan.copies)
        await options.received.reuse(await partial.copy((earlier[copy.source] as EarlierFile).path, copy))
      // A copy that did not fit its hash is missing still, and is fetched like the rest.
      await fetchRuns(
        partial,
        planChunks(list, [], { has: (chunk) => partial.has(chunk), maxRunBytes: RUN_BYTES }).runs,
        what,
        options,
      )
      const { repeats } = planChunks(list, [], { has: (chunk) => partial.has(chunk), maxRunBytes: RUN_BYTES })
      await options.received.reuse(await partial.repeat(repeats))
      await partial.complete(blobs.pathFor(file.sha256), file.sha256)
      await options.received.endFile()
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

  /** The chunk list from disk or owner; its length and hash are signed in the manifest. CHUNK_LIST_INVALID otherwise. */
  async function readList({ pull, n, file }: FileToReceive, { retry, connect }: OwnerSession): Promise<ChunkList> {
    const { parameters: name, count, list: signed } = file.chunks
    const parameters = findParameters(name)
    if (parameters === undefined) throw new Refusal('PROTOCOL_UNSUPPORTED', { parameters: name })
    const bytes =
      blobs.find(signed.sha256) ??
      (await retry.run(async (grant) => (await connect()).get(`/v1/files/${pull}/${n}/chunks`, grant.text)))
    if (!(bytes.length === signed.bytes && sha256(bytes) === signed.sha256))
      throw new Refusal('CHUNK_LIST_INVALID', { file: file.path, rule: 'length and hash as signed' })
    const list = parseChunkList(bytes, { fileBytes: file.bytes, parameters })
    if (!(list.count === count))
      throw new Refusal('CHUNK_LIST_INVALID', { file: file.path, rule: 'as many chunks as signed' })
    blobs.put(bytes)
    return list
  }

  /** Four readers share the runs; the first that fails for good stops the others. */
  async function fetchRuns(
    partial: PartialFile,
    runs: readonly ChunkRun[],
    what: FileToReceive,
    { session, received }: ReceiveOptions,
  ): Promise<void> {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, session.signal])
    const left = [...runs].reverse()
    const reader = async () => {
      for (let run = left.pop(); run !== undefined && !signal.aborted; run = left.pop())
        await fetchRun(partial, run, what, { session, received }, signal)
    }
    const outcomes = await Promise.allSettled(
      Array.from({ length: Math.min(CONNECTIONS, runs.length) }, () =>
        reader().catch((error) => {
          stop.abort(error)
          throw error
        }),
      ),
    )
    await received.flush()
    session.signal.throwIfAborted()
    if (stop.signal.aborted) throw stop.signal.reason
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** One run, from its first missing chunk on at each try. A chunk that does not fit is asked for once more, then reported. */
  async function fetchRun(
    partial: PartialFile,
    run: ChunkRun,
    { pull, n, file }: FileToReceive,
    { session, received }: ReceiveOptions,
    signal: AbortSignal,
  ): Promise<void> {
    let tampered = 0
    const end = run.first + run.count
    const tryOnce = () =>
      session.retry.run(async (grant) => {
        let first = run.first
        while (first < end && partial.has(first)) first += 1
        if (first === end) return
        const [from, to] = [partial.list.offsets[first] as number, (partial.list.offsets[end] as number) - 1]
        const connection = await session.connect()
        const body = connection.getRange({
          path: `/v1/files/${pull}/${n}`,
          grant: grant.text,
          sha256: file.sha256,
          from,
          to,
          fileBytes: file.bytes,
          signal,
        })
        await partial.receive(first, end - first, received.count(body), (bytes) => {
          session.retry.progressed()
          received.verified(bytes)
        })
        // A body that ended early without an error: go on from where it stopped.
        if (!partial.has(end - 1)) throw new Refusal('OWNER_UNREACHABLE', { rule: 'the answer ended early' })
      }, signal)
    for (;;) {
      try {
        await tryOnce()
        return
      } catch (error) {
        if (!isRefusal(error, 'CHUNK_TAMPERED')) throw error
        if (tampered++ > 0) throw new Refusal('CHUNK_TAMPERED', { ...error.facts, file: file.path })
      }
    }
  }
}
