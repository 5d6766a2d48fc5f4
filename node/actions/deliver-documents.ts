import type { Signer } from '#schemas/document.ts'
import { isRefusal, type Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubRequests } from '../exchange-deps.ts'
import type { Outbox, Parcel } from '../store/outbox.ts'
import { isOutlived, renewSignature } from './renew-signature.ts'

/** A parcel whose document was signed anew: recorded in the transaction in which it takes the place of the one before. */
export type Renewed = (before: Parcel, after: Parcel) => void

/** What became of a parcel: recorded in the transaction in which it leaves the outbox. */
export type Settle = (parcel: Parcel, outcome: { readonly answer: unknown } | { readonly refusal: Refusal }) => void

interface Deps {
  readonly outbox: Outbox
  readonly hub: HubRequests
  readonly commit: Commit
  readonly log: Logger
  readonly settle: Settle
  readonly renewed: Renewed
  readonly signer: () => Signer
  /** Unix seconds. */
  readonly now: () => number
}

/** The way of our documents to the hub: stored first, in order within a lane, sent until the hub has answered. */
export type Delivery = ReturnType<typeof createDelivery>

/** Refusals of the moment, not of the document. Everything from 500 up counts too. */
const PASSING = new Set([
  'RATE_LIMITED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_SUSPENDED',
  'CERTIFICATE_UNREGISTERED',
  'CERTIFICATE_UNTRUSTED',
  'CERTIFICATE_IDENTITY',
  'CERTIFICATE_REQUIRED',
  'MEMBER_SUSPENDED',
  'CLOCK_SKEW',
  'NOT_INITIALISED',
])

export function createDelivery({ outbox, hub, commit, log, settle, renewed, signer, now }: Deps) {
  const running = new Map<string, Promise<void>>()
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: unknown) => void }>()

  /** One at a time per lane, oldest first; stops at the first that cannot be sent now. */
  function runLane(lane: string): Promise<void> {
    const known = running.get(lane)
    if (known !== undefined) return known
    const run = sendAll(lane).finally(() => running.delete(lane))
    running.set(lane, run)
    return run
  }

  async function sendAll(lane: string): Promise<void> {
    for (let parcel = outbox.first(lane); parcel !== undefined; parcel = outbox.first(lane)) {
      const failed = await sendOne(parcel)
      if (failed === undefined) continue
      // Those behind it wait as well: they follow on what could not be sent.
      for (const { seq } of outbox.ofLane(lane)) answerTo(seq)?.reject(failed)
      return
    }
  }

  /** Undefined once settled, one way or the other; else what keeps it from being sent. */
  async function sendOne(parcel: Parcel): Promise<unknown> {
    let outcome: { readonly answer: unknown } | { readonly refusal: Refusal }
    try {
      outcome = { answer: await hub.post(parcel.path, { [parcel.field]: parcel.text }) }
    } catch (error) {
      if (!isRefusal(error)) return error
      const outlived = isOutlived(error, parcel, signer())
      if (outlived && (await renew(parcel))) return undefined
      if (!outlived && isPassing(error)) return error
      outcome = { refusal: error }
    }
    await commit(() => {
      outbox.remove(parcel.seq)
      settle(parcel, outcome)
    })
    const waiter = answerTo(parcel.seq)
    if ('answer' in outcome) waiter?.resolve(outcome.answer)
    else waiter?.reject(outcome.refusal)
    if ('refusal' in outcome)
      log.warn(
        { kind: parcel.kind, document: parcel.document, refused: outcome.refusal.code },
        'the hub refused a document',
      )
    return undefined
  }

  /** The hub was away longer than the certificate lasted: the same words again, at the same place in the lane. */
  async function renew(parcel: Parcel): Promise<boolean> {
    const anew = renewSignature(parcel, signer(), now())
    if (anew === undefined) return false
    await commit(() => {
      outbox.replace(anew)
      renewed(parcel, anew)
    })
    log.info({ kind: parcel.kind, document: parcel.document, anew: anew.document }, 'signed anew with our present key')
    return true
  }

  function answerTo(seq: number) {
    const waiter = waiting.get(seq)
    waiting.delete(seq)
    return waiter
  }

  return {
    /**
     * Stores the document with `job`, in one transaction, and sends it. Resolves with the hub's answer; rejects with its
     * refusal, or with what keeps it from being sent now: then it stays in the outbox and goes later.
     */
    async post(parcel: Omit<Parcel, 'seq'>, job: () => void): Promise<unknown> {
      const seq = await commit(() => {
        job()
        return outbox.add(parcel)
      })
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(seq, { resolve, reject }))
      void runLane(parcel.lane)
        .then(() => (waiting.has(seq) ? runLane(parcel.lane) : undefined))
        .catch((error) => answerTo(seq)?.reject(error))
      return answer
    },
    /** Tries everything that waits; never throws for what the hub does or does not do. */
    async flush(): Promise<void> {
      await Promise.all(outbox.lanes().map(runLane))
    },
    /** Takes back what was surely never sent, because the person was told so. */
    withdraw: (document: string, lane: string): Promise<void> =>
      commit(() => {
        for (const parcel of outbox.ofLane(lane)) if (parcel.document === document) outbox.remove(parcel.seq)
      }),
  }
}

function isPassing(error: Refusal): boolean {
  return error.status >= 500 || PASSING.has(error.code)
}

/** Is this only the hub's absence, with the document stored and on its way? */
export function isOnItsWay(error: unknown): error is Refusal {
  return isRefusal(error) && isPassing(error)
}
