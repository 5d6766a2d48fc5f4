import { isRefusal } from '#schemas/refusal.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import { ownerOf } from './hold-grants.ts'
import type { ReadAgreedLine } from './read-agreed-line.ts'
import type { RequireContinuity } from './require-continuity.ts'

type Deps = Pick<ExchangeDeps, 'member' | 'agreements' | 'trust' | 'log'> & {
  readonly readAgreedLine: ReadAgreedLine
  readonly requireContinuity: RequireContinuity
}

/**
 * Follows, while the hub is there, the lines of keys of everybody we have a running agreement with, and fetches the entries
 * our own agreements rest on: when the hub is away, pulls in both directions need nothing more of it.
 */
export function createKeepLines({ member, agreements, trust, log, readAgreedLine, requireContinuity }: Deps) {
  const told = new Set<string>()

  return async function keepLines(): Promise<void> {
    for (const record of agreements.list()) {
      if (record.state !== 'FINALIZED') continue
      try {
        await keep(record)
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (error.code === 'HUB_UNREACHABLE') return
        tell(record, error.code)
      }
    }
  }

  async function keep(record: AgreementRecord): Promise<void> {
    const { consumer, dataset } = record.payload
    const [other, follow] =
      consumer === member
        ? [ownerOf(dataset), (await readAgreedLine(record)).requireOwner]
        : [consumer, consumerLine(record)]
    for (const { thumbprint } of trust.findMember(other)?.certificates ?? []) await follow(thumbprint)
  }

  function consumerLine({ signers, payload }: AgreementRecord): (thumbprint: string) => Promise<void> {
    const signer = signers.get(payload.consumer)
    return async (thumbprint) => (signer === undefined ? undefined : requireContinuity(thumbprint, signer))
  }

  /** Once per agreement and reason; a broken line stays broken until somebody resumes the agreement. */
  function tell({ id }: AgreementRecord, code: string): void {
    if (told.has(`${id} ${code}`)) return
    told.add(`${id} ${code}`)
    log.warn({ agreement: id, code }, "the other party's line of keys could not be followed")
  }
}
