import { isRefusal } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Pull, Pulls } from '../store/pulls.ts'
import type { AcknowledgePull } from './acknowledge-pull.ts'
import type { OpenSession } from './open-session.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'clock' | 'commit' | 'agreements' | 'log'> & {
  readonly pulls: Pulls
  readonly acknowledgements: AcknowledgePull
  /** Without patience: what cannot be reached now is tried in the next round. */
  readonly openSession: OpenSession
}

/**
 * The papers that a stop or an absent owner left open: answers to whole pulls are sent, pulls that can never be finished are
 * given up and said so. Interrupted pulls are left for the same command again. Gives how many papers are still open.
 */
export function createFinishPulls({
  trust,
  clock,
  commit,
  agreements,
  log,
  pulls,
  acknowledgements,
  openSession,
}: Deps) {
  return async function finishPulls(signal: AbortSignal): Promise<number> {
    const away = new Set<string>()
    let open = 0
    for (const pull of pulls.unfinished()) {
      if (!isDue(pull)) continue
      if (away.has(pull.owner)) open += 1
      else if (!(await finishOne(pull, signal))) {
        open += 1
        away.add(pull.owner)
      }
    }
    return open
  }

  function isDue({ state, agreement, ordered }: Pull): boolean {
    if (state === 'complete' || state === 'acknowledged') return true
    const isOver = agreements.find(agreement)?.state === 'TERMINATED'
    return isOver || clock.now() >= ordered + trust.limits().pullOpenSeconds
  }

  async function finishOne(pull: Pull, signal: AbortSignal): Promise<boolean> {
    const agreement = agreements.find(pull.agreement)
    if (agreement === undefined) return false
    // An order that was never answered and has grown stale is none.
    if (pull.state === 'ordered') {
      await commit(() => pulls.drop(pull.pull))
      return true
    }
    const session = await openSession(agreement, signal)
    try {
      if (pull.state === 'open') await acknowledgements.abandon(session, pull.pull)
      else await acknowledgements.finish(session, pull.pull)
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      log.info({ pull: pull.pull, code: error.code }, 'acknowledgement still to be sent')
      await answerWithoutDelivery(pull)
      return false
    } finally {
      await session.close()
    }
  }

  /** After an hour without the owner's delivery the order itself is answered, so that the hub has the consumer's word. */
  async function answerWithoutDelivery({ pull, state, ordered }: Pull): Promise<void> {
    const isLate = clock.now() >= ordered + trust.limits().acknowledgementDueSeconds
    if (state === 'complete' && isLate) await acknowledgements.answerOrder(pull)
  }
}
