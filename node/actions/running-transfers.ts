import type { FastifyBaseLogger } from 'fastify'
import { isRefusal, Refusal } from '#schemas/refusal.ts'

/** One answer that is being streamed, with everything its right rests on. */
export interface RunningTransfer {
  readonly pull: string
  readonly agreement: string
  readonly member: string
  /** TLS certificate of the consumer (hex) and the grant it came with. */
  readonly thumbprint: string
  readonly grant: string
  readonly controller: AbortController
  /** Settles when the last byte has left, or the transfer was cut, and its bytes are stored. */
  readonly done: Promise<void>
}

/** What is being streamed at this moment, so that it can be cut. */
export type RunningTransfers = ReturnType<typeof createRunningTransfers>

export interface TransferLimits {
  readonly mostPerMember: number
  readonly mostAtAll: number
  readonly recheckMilliseconds: number
}

/** One member cannot take every connection of a node; a right that ended is noticed well within the 10 s of Protocol 6.6. */
export const TRANSFER_LIMITS: TransferLimits = { mostPerMember: 32, mostAtAll: 256, recheckMilliseconds: 2_000 }

/** `recheck` throws when the transfer's right no longer holds; it is asked every 2 s and whenever trust or agreements change. */
export function createRunningTransfers(
  recheck: (transfer: RunningTransfer) => Promise<void>,
  log: FastifyBaseLogger,
  limits = TRANSFER_LIMITS,
) {
  const running = new Set<RunningTransfer>()
  const closing = new Set<{ readonly pull: string }>()
  let timer: NodeJS.Timeout | undefined

  async function recheckAll(): Promise<void> {
    await Promise.all([...running].map(recheckOne))
  }

  async function recheckOne(transfer: RunningTransfer): Promise<void> {
    try {
      await recheck(transfer)
    } catch (error) {
      // A check that cannot be made is a right that is not proved: cut, whatever went wrong.
      if (!isRefusal(error))
        log.error({ err: error, pull: transfer.pull }, 'right of a running transfer could not be checked')
      cut(transfer, isRefusal(error) ? error : new Refusal('INTERNAL'))
    }
  }

  function cut(transfer: RunningTransfer, reason: Refusal): void {
    if (transfer.controller.signal.aborted) return
    log.warn(
      { pull: transfer.pull, member: transfer.member, code: 'TRANSFER_CUT', reason: reason.code },
      'transfer cut',
    )
    transfer.controller.abort(reason)
  }

  function add(transfer: RunningTransfer): void {
    running.add(transfer)
    timer ??= setInterval(() => void recheckAll(), limits.recheckMilliseconds).unref()
    void transfer.done.finally(() => {
      running.delete(transfer)
      if (running.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
  }

  async function cutTransfers(isMeant: (transfer: RunningTransfer) => boolean, reason: Refusal): Promise<void> {
    const meant = [...running].filter(isMeant)
    for (const transfer of meant) cut(transfer, reason)
    await Promise.all(meant.map(({ done }) => done))
  }

  return {
    add,
    recheckAll,
    /** Room for one more of this member's? RATE_LIMITED otherwise; PULL_CLOSED while its pull closes. */
    requireRoom(member: string, pull: string): void {
      if ([...closing].some((one) => one.pull === pull)) throw new Refusal('PULL_CLOSED', { pull })
      const own = [...running].filter((transfer) => transfer.member === member).length
      if (!(own < limits.mostPerMember && running.size < limits.mostAtAll))
        throw new Refusal('RATE_LIMITED', { running: own })
    },
    /** Cuts every transfer the predicate names; resolves when their bytes are stored. */
    cutTransfers,
    /** Runs `job` when the last transfer of the pull has ended; until the job has, none begins. */
    async closeAround<T>(pull: string, job: () => Promise<T>): Promise<T> {
      const mark = { pull }
      closing.add(mark)
      try {
        await cutTransfers((transfer) => transfer.pull === pull, new Refusal('PULL_CLOSED'))
        return await job()
      } finally {
        closing.delete(mark)
      }
    },
    count: (): number => running.size,
  }
}
