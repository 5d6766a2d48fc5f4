import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filings } from '../store/filings.ts'
import type { ServedPull, ServedPulls } from '../store/served-pulls.ts'
import type { RunningTransfers } from './running-transfers.ts'
import { storeEvidence } from './store-evidence.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'clock' | 'commit' | 'journal' | 'signer' | 'pinPaper'> & {
  readonly servedPulls: ServedPulls
  readonly filings: Filings
  readonly transfers: RunningTransfers
}

/** Why a pull closes: the consumer asked for its delivery, or it lay too long. */
export type ClosingReason = 'asked' | 'lapsed'

/** Closes a pull and gives the delivery text; the same text ever after. */
export type ClosePull = (pull: string, reason: ClosingReason) => Promise<string>

/** Protocol 6.7: the owner's signed word on what left. Running transfers of the pull end first and none begins, so that `bytes` is final. */
export function createClosePull({
  trust,
  clock,
  commit,
  journal,
  pinPaper,
  signer,
  servedPulls,
  filings,
  transfers,
}: Deps): ClosePull {
  return async (pullId, reason) => {
    const known = getPull(pullId)
    if (known.delivery_text !== null) return known.delivery_text
    return transfers.closeAround(pullId, () =>
      storeEvidence(commit, () => {
        const pull = getPull(pullId)
        return pull.delivery_text ?? sign(pull, reason)
      }),
    )
  }

  function getPull(id: string): ServedPull {
    const pull = servedPulls.find(id)
    if (pull === undefined) throw new Refusal('PULL_UNKNOWN', { pull: id })
    return pull
  }

  /** Inside a transaction: signing and storing are one step, so no second delivery can exist. */
  function sign(pull: ServedPull, reason: ClosingReason): string {
    const now = clock.now()
    const text = signDocument(
      'delivery',
      {
        net: trust.net,
        jti: newJti(),
        iat: now,
        order: pull.pull,
        agreement: pull.agreement,
        dataset: pull.dataset,
        version: pull.version,
        manifest: pull.manifest,
        bytes: pull.bytes,
        outcome: reason === 'lapsed' ? 'lapsed' : pull.cut === 1 ? 'cut' : 'delivered',
        opened: toRfc3339(pull.opened),
        closed: toRfc3339(now),
      },
      signer(),
    )
    const { id } = parseDocument('delivery', text)
    servedPulls.close(pull.pull, now, { id, text })
    journal.append('delivery', id)
    pinPaper(text)
    filings.add('delivery', { id, text })
    return text
  }
}
