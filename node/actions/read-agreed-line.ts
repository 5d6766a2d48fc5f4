import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import { type VerifiedEntry, verifyEntry } from '#schemas/verify-entry.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { KeptTexts } from '../store/kept-texts.ts'
import { ownerOf } from './hold-grants.ts'
import { lookAgain } from './look-again.ts'
import type { RequireContinuity } from './require-continuity.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'keys' | 'hub' | 'commit' | 'refreshTrust' | 'learnLine'> & {
  readonly kept: KeptTexts
  readonly requireContinuity: RequireContinuity
}

/** What a consumer holds an owner to: the entry it agreed to, and the line of keys that signed it. */
export interface AgreedLine {
  readonly owner: string
  readonly entry: VerifiedEntry
  /** Throws KEY_NOT_CONTINUED unless this registered certificate (hex) is in the owner's line. */
  requireOwner(thumbprint: string): Promise<void>
}

/** Reads the line behind an agreement; the entry is fetched once and kept, so that pulls go on without the hub. */
export type ReadAgreedLine = (agreement: AgreementRecord) => Promise<AgreedLine>

const ANSWER = closed({ entry: { type: 'string', maxLength: 1_600_000 }, state: { type: 'string' } }, [
  'entry',
  'state',
])

export function createReadAgreedLine(deps: Deps): ReadAgreedLine {
  const { trust, keys, hub, commit, refreshTrust, learnLine, kept, requireContinuity } = deps

  return async (agreement) => {
    const owner = ownerOf(agreement.payload.dataset)
    const entry = await readEntry(agreement.payload.entry, owner)
    if (!(entry.payload.dataset === agreement.payload.dataset))
      throw new Refusal('PEER_MISBEHAVED', { rule: 'the entry is of the dataset agreed on' })
    // The key that signed for the owner, or the one our own `resume` named after its keys were lost.
    const signers = new Set(
      [agreement.signers.get(owner), entry.signers.get(owner)].filter((signer) => signer !== undefined),
    )
    return { owner, entry, requireOwner: (thumbprint) => requireAny(thumbprint, signers) }
  }

  async function readEntry(id: string, owner: string): Promise<VerifiedEntry> {
    const text = kept.find('catalog-entry', id) ?? (await fetchEntry(id))
    const verify = () => verifyEntry(text, keys, trust.net, true)
    const entry = await lookAgain(refreshTrust, verify, () => learnLine(owner))
    if (!(entry.id === id)) throw new Refusal('PEER_MISBEHAVED', { rule: 'an entry has the hash it is asked for by' })
    if (kept.find('catalog-entry', id) === undefined) await commit(() => kept.add('catalog-entry', entry))
    return entry
  }

  async function fetchEntry(id: string): Promise<string> {
    return validate(ANSWER, await hub.get(`/v1/catalog-entries/${id}`), 'PEER_MISBEHAVED').entry
  }

  async function requireAny(thumbprint: string, signers: ReadonlySet<string>): Promise<void> {
    let last: unknown = new Refusal('KEY_NOT_CONTINUED', { thumbprint })
    for (const signer of signers) {
      try {
        await requireContinuity(thumbprint, signer)
        return
      } catch (error) {
        if (!isRefusal(error)) throw error
        last = error
      }
    }
    throw last
  }
}
