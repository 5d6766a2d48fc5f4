import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { ChunkRun } from '../chunks/diff-chunks.ts'
import type { PartialFile } from '../chunks/partial-file.ts'
import type { FileToReceive, ReceiveOptions } from './file-to-receive.ts'

const CONNECTIONS = 4

/** Four readers share the runs; the first that fails for good stops the others. */
export async function fetchRuns(
  partial: PartialFile,
  runs: readonly ChunkRun[],
  what: FileToReceive,
  { session, received }: ReceiveOptions,
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, session.signal])
  const left = [...runs].reverse()
  const read = async () => {
    try {
      for (let run = left.pop(); run !== undefined && !signal.aborted; run = left.pop())
        await fetchRun(partial, run, what, { session, received }, signal)
    } catch (error) {
      stop.abort(error)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, runs.length) }, read))
  await received.flush()
  session.signal.throwIfAborted()
  stop.signal.throwIfAborted()
}

/** A chunk that does not fit its hash is asked for once more, then reported by file and number; what came before it stays. */
async function fetchRun(
  partial: PartialFile,
  run: ChunkRun,
  what: FileToReceive,
  options: ReceiveOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await fetchMissing(partial, run, what, options, signal)
  } catch (first) {
    if (!isRefusal(first, 'CHUNK_TAMPERED')) throw first
    try {
      await fetchMissing(partial, run, what, options, signal)
    } catch (second) {
      if (!isRefusal(second, 'CHUNK_TAMPERED')) throw second
      throw new Refusal('CHUNK_TAMPERED', { ...second.facts, file: what.file.path })
    }
  }
}

/** One run, at each try from its first missing chunk on. */
function fetchMissing(
  partial: PartialFile,
  run: ChunkRun,
  { pull, n, file }: FileToReceive,
  { session, received }: ReceiveOptions,
  signal: AbortSignal,
): Promise<void> {
  const end = run.first + run.count
  const { offsets } = partial.list
  return session.retry.run(async (grant) => {
    let first = run.first
    while (first < end && partial.has(first)) first += 1
    if (first === end) return
    const [from, to] = [offsets[first] as number, (offsets[end] as number) - 1]
    const place = { path: `/v1/files/${pull}/${n}`, sha256: file.sha256, fileBytes: file.bytes, from, to }
    const body = (await session.connect()).getRange({ ...place, grant: grant.text, signal })
    await partial.receive(first, end - first, received.count(body), (bytes) => {
      session.retry.progressed()
      received.verified(bytes)
    })
    // A body that ended early without an error: go on from where it stopped.
    if (!partial.has(end - 1)) throw new Refusal('OWNER_UNREACHABLE', { rule: 'the answer ended early' })
  }, signal)
}
