import { isRefusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filing, Filings } from '../store/filings.ts'

type Deps = Pick<ExchangeDeps, 'hub' | 'clock' | 'commit' | 'log'> & { readonly filings: Filings }

const REFUSED = closed(
  { index: { type: 'integer', minimum: 0, maximum: 100 }, code: { type: 'string', maxLength: 64 } },
  ['index', 'code'],
)
const ANSWER = closed(
  {
    stored: { type: 'array', items: HEX, maxItems: 200 },
    refused: { type: 'array', items: REFUSED, maxItems: 200 },
  },
  ['stored'],
)
const BATCH_ITEMS = 40
/** Stays below the 64 KiB of a control body with its quotes and names. */
const BATCH_BYTES = 48 * 1024
/** What the hub refuses today it may take when it knows more; asking every time would only fill its log and ours. */
const REST_SECONDS = 3_600

/** Protocol 6.9: what this node has and the hub has not, oldest first. Gives how many are still to be filed; the next round tries again. */
export function createFileReceipts({ hub, clock, commit, log, filings }: Deps) {
  const resting = new Map<string, number>()
  let running: Promise<number> | undefined

  async function fileAll(): Promise<number> {
    let seq = 0
    for (let batch = nextBatch(seq); batch.length > 0; batch = nextBatch(seq)) {
      seq = (batch.at(-1) as Filing).seq
      const due = batch.filter(({ document }) => clock.now() >= (resting.get(document) ?? 0))
      if (due.length > 0 && !(await fileBatch(due))) break
    }
    return filings.countOpen()
  }

  /** Whether to go on: the hub is there. */
  async function fileBatch(batch: readonly Filing[]): Promise<boolean> {
    try {
      const documents = batch.map(({ kind, text: document }) => ({ kind, document }))
      const answer = validate(ANSWER, await hub.post('/v1/receipts', { documents }), 'PEER_MISBEHAVED')
      for (const { index, code } of answer.refused ?? []) rest(batch[index], code)
      await markFiled(batch, answer.stored)
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (error.code === 'HUB_UNREACHABLE') return false
      // One that the hub refuses must not hold up the others.
      if (batch.length === 1) rest(batch[0], error.code)
      else for (const one of batch) if (!(await fileBatch([one]))) return false
      return true
    }
  }

  async function markFiled(batch: readonly Filing[], stored: readonly string[]): Promise<void> {
    const meant = new Set(batch.map(({ document }) => document))
    await commit(() => {
      for (const id of stored) if (meant.has(id)) filings.markFiled(id, clock.now())
    })
  }

  function rest(one: Filing | undefined, code: string): void {
    if (one === undefined) return
    resting.set(one.document, clock.now() + REST_SECONDS)
    log.warn({ document: one.document, kind: one.kind, code }, 'the hub did not take a receipt')
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
