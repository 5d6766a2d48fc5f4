import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { ChunkRun } from '../chunks/diff-chunks.ts'
import type { PartialFile } from '../chunks/partial-file.ts'
import type { FileToReceive, ReceiveOptions } from './file-to-receive.ts'
import { sideBySide } from './side-by-side.ts'

/** As many readers as there are places share the runs; the first that fails for good stops the others. */
export async function fetchRuns(
  partial: PartialFile,
  runs: readonly ChunkRun[],
  what: FileToReceive,
  options: ReceiveOptions,
): Promise<void> {
  const { received, places } = options
  await sideBySide(runs, places.most, async (run, stop) => {
    const signal = AbortSignal.any([stop, options.signal])
    signal.throwIfAborted()
    await fetchRun(partial, run, what, options, signal)
  })
  await received.flush()
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
  { session, received, places }: ReceiveOptions,
  signal: AbortSignal,
): Promise<void> {
  const end = run.first + run.count
  const { offsets } = partial.list
  const path = `/v1/files/${pull}/${n}`
  return places.use((blocks) =>
    session.retry.run(async ({ text: grant }) => {
      let first = run.first
      while (first < end && partial.has(first)) first += 1
      if (first === end) return
      const [from, to] = [offsets[first] as number, (offsets[end] as number) - 1]
      const owner = await session.connect()
      const writer = partial.openRun({ first, count: end - first }, blocks, (bytes) => {
        session.retry.progressed()
        received.verified(bytes)
      })
      try {
        await owner.getRange({ path, grant, sha256: file.sha256, from, to, fileBytes: file.bytes, signal }, (piece) =>
          bothOf(received.arrived(piece.length), writer.take(piece)),
        )
      } finally {
        await writer.end()
      }
    }, signal),
  )
}

/** Mostly neither has to be waited for. */
function bothOf(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  return one === undefined ? other : Promise.all([one, other]).then(() => {})
}
