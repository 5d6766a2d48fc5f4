import { setTimeout as wait } from 'node:timers/promises'
import { isRefusal } from '#schemas/refusal.ts'
import type { AgreementRecord } from '../exchange-deps.ts'
import type { StoredGrant } from '../store/grants.ts'
import type { GrantHolder } from './hold-grants.ts'

/** One try with the grant of this moment. */
export type OwnerStep<T> = (grant: StoredGrant) => Promise<T>

export interface RetryOptions {
  readonly grantHolder: GrantHolder
  readonly agreement: AgreementRecord
  readonly signal: AbortSignal
  /** Waits between tries without progress, in milliseconds; when they are used up the last refusal stands. */
  readonly waits: readonly number[]
  readonly refreshTrust: () => Promise<void>
}

/** About half a minute altogether: long enough for a restart at the other end. */
export const OWNER_WAITS: readonly number[] = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]

interface Seen {
  grant: StoredGrant | undefined
  refused: StoredGrant | undefined
  refreshed: boolean
  tries: number
  arrivals: number
}

export type RetryOwner = ReturnType<typeof createRetryOwner>

/**
 * Runs steps towards one owner. A broken connection is tried again after a growing wait, which starts anew whenever content
 * arrived. A grant that ended, is bound to a certificate we have renewed since, or bears a key that the owner's newer root
 * dropped, is replaced once by the agreement's next; an owner's certificate we do not know is looked up once. Every other refusal stands.
 */
export function createRetryOwner({ grantHolder, agreement, signal, waits, refreshTrust }: RetryOptions) {
  let arrivals = 0

  /** `also`: a narrower signal than that of the whole session. */
  function run<T>(step: OwnerStep<T>, also: AbortSignal = signal): Promise<T> {
    const seen = newSeen()
    return persist(
      async () => {
        const grant = await nextGrant(seen.refused)
        seen.grant = grant
        return step(grant)
      },
      seen,
      also,
    )
  }

  /** For papers about a pull, which ask for no grant: the right may have ended. */
  function runBare<T>(step: () => Promise<T>): Promise<T> {
    return persist(step, newSeen(), signal)
  }

  const newSeen = (): Seen => ({ grant: undefined, refused: undefined, refreshed: false, tries: 0, arrivals })

  async function persist<T>(step: () => Promise<T>, seen: Seen, also: AbortSignal): Promise<T> {
    for (;;) {
      also.throwIfAborted()
      try {
        return await step()
      } catch (error) {
        also.throwIfAborted()
        if (arrivals > seen.arrivals) Object.assign(seen, { tries: 0, arrivals })
        await prepareRetry(error, seen, also)
      }
    }
  }

  async function prepareRetry(error: unknown, seen: Seen, also: AbortSignal): Promise<void> {
    const pause = waits[seen.tries]
    if (isRefusal(error, 'GRANT_EXPIRED', 'GRANT_HOLDER_MISMATCH') && seen.refused === undefined)
      seen.refused = seen.grant
    else if (isRefusal(error, 'SIGNER_UNKNOWN') && seen.refused === undefined) {
      seen.refused = seen.grant
      await refreshTrust()
    } else if (isRefusal(error, 'CERTIFICATE_IDENTITY', 'CERTIFICATE_UNREGISTERED') && !seen.refreshed) {
      seen.refreshed = true
      await refreshTrust()
    } else if (isRefusal(error, 'OWNER_UNREACHABLE', 'TRANSFER_CUT', 'RATE_LIMITED') && pause !== undefined) {
      seen.tries += 1
      await wait(pause, undefined, { signal: also })
    } else throw error
  }

  /** The one at hand, unless that is the one just refused. */
  async function nextGrant(refused: StoredGrant | undefined): Promise<StoredGrant> {
    const held = await grantHolder.getGrant(agreement)
    return held.jti === refused?.jti ? grantHolder.fetchGrant(agreement) : held
  }

  /** Content arrived: patience starts anew. */
  function progressed(): void {
    arrivals += 1
  }

  return { run, runBare, progressed }
}
