import { isRefusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filing, Filings } from '../store/filings.ts'

type Deps = Pick<ExchangeDeps, 'hub' | 'clock' | 'commit' | 'log'> & { readonly filings: Filings }

const ANSWER = closed({ stored: { type: 'array', items: HEX, maxItems: 200 } }, ['stored'])
const BATCH_ITEMS = 40
/** Stays below the 64 KiB of a control body with its quotes and names. */
const BATCH_BYTES = 48 * 1024

/** Protocol 6.9: what this node has and the hub has not, oldest first. Gives how many are still to be filed; the next round tries again. */
export function createFileReceipts({ hub, clock, commit, log, filings }: Deps) {
  let running: Promise<number> | undefined

  async function fileAll(): Promise<number> {
    let seq = 0
    for (let batch = nextBatch(seq); batch.length > 0; batch = nextBatch(seq)) {
      seq = (batch.at(-1) as Filing).seq
      try {
        await fileBatch(batch)
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (error.code === 'HUB_UNREACHABLE') break
        // One that the hub refuses must not hold up the others.
        for (const one of batch) await fileAlone(one)
      }
    }
    return filings.countOpen()
  }

  async function fileAlone(one: Filing): Promise<void> {
    try {
      await fileBatch([one])
    } catch (error) {
      if (!isRefusal(error)) throw error
      log.warn({ document: one.document, kind: one.kind, code: error.code }, 'the hub did not take a receipt')
    }
  }

  async function fileBatch(batch: readonly Filing[]): Promise<void> {
    const documents = batch.map(({ kind, text: document }) => ({ kind, document }))
    const { stored } = validate(ANSWER, await hub.post('/v1/receipts', { documents }), 'PEER_MISBEHAVED')
    const meant = new Set(batch.map(({ document }) => document))
    await commit(() => {
      for (const id of stored) if (meant.has(id)) filings.markFiled(id, clock.now())
    })
  }

  function nextBatch(after: number): Filing[] {
    const batch: Filing[] = []
    let bytes = 0
    for (const filing of filings.next(after, BATCH_ITEMS)) {
      bytes += filing.text.length + 64
      if (bytes > BATCH_BYTES && batch.length > 0) break
      batch.push(filing)
    }
    return batch
  }

  /** One round at a time; whoever asks meanwhile waits for the same. */
  return function fileReceipts(): Promise<number> {
    running ??= fileAll().finally(() => {
      running = undefined
    })
    return running
  }
}
