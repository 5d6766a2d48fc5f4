import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '#schemas/clock.ts'
import { addSignature, type Signer } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import { verifyEntry } from '#schemas/verify-entry.ts'
import type { HubRequests } from '../exchange-deps.ts'
import type { Papers } from '../store/papers.ts'
import type { Delivery } from './deliver-documents.ts'
import { fetchDatasetEntry } from './fetch-entry.ts'
import { nameDataset } from './name-dataset.ts'
import type { Membership } from './own-membership.ts'
import { stateOf } from './settle-publications.ts'

interface Deps {
  readonly hub: Pick<HubRequests, 'get'>
  readonly trust: Pick<Trust, 'net'>
  readonly keys: Pick<AgreementKeys, 'member'>
  readonly learnLine: (member: string) => Promise<void>
  readonly clock: Clock
  readonly signer: () => Signer
  readonly journal: Journal
  readonly papers: Papers
  readonly pinPaper: (text: string) => void
  readonly delivery: Pick<Delivery, 'post'>
  readonly membership: () => Membership
}

/** What `cosign` prints. */
export interface Cosigned {
  readonly dataset: string
  readonly version: number
  readonly state: string
  readonly missing: readonly string[]
}

/**
 * Protocol 4.2: our signature under a JOINT entry that waits; `seen`: the entry a person has read, another is not signed
 * (TERMS_MISMATCH). Signed already: nothing new. COSIGNATURE_FOREIGN, HUB_UNREACHABLE.
 */
export function createCosign(deps: Deps) {
  return async (typed: string, seen?: string): Promise<Cosigned> => {
    const { member } = deps.membership()
    const dataset = nameDataset(typed, member)
    const { entry, state } = await fetchDatasetEntry(deps, dataset)
    const { payload } = entry
    const result = (now: string, missing: readonly string[]) => ({
      dataset,
      version: payload.version,
      state: now,
      missing,
    })
    if (!payload.owners.includes(member)) throw new Refusal('COSIGNATURE_FOREIGN', { dataset, member })
    if (entry.signers.has(member)) return result(state, entry.missing)
    if (!(state === 'waiting')) throw new Refusal('TRANSITION_REFUSED', { dataset, state })
    requireSeen(entry.id, seen)
    // Who reads META must see the same owners as who verifies signatures.
    if (!isDeepStrictEqual(payload.owners.toSorted(), (payload.meta.owners ?? []).toSorted()))
      throw new Refusal('OWNERS_UNEXPECTED', { owners: payload.owners, named: payload.meta.owners })

    const text = addSignature(entry.text, 'catalog-entry', deps.signer(), { role: 'owner', iat: deps.clock.now() })
    const { missing } = verifyEntry(text, deps.keys, deps.trust.net, false)
    const parcel = {
      lane: `dataset:${dataset}`,
      path: '/v1/catalog-entries',
      field: 'entry',
      kind: 'catalog-entry',
      document: entry.id,
      text,
    } as const
    const answer = await deps.delivery.post(parcel, () => {
      deps.papers.keep({
        id: entry.id,
        kind: 'catalog-entry',
        story: null,
        signer: payload.member,
        iat: payload.iat,
        text,
      })
      deps.pinPaper(text)
      deps.journal.append('catalog-entry', entry.id)
    })
    return result(stateOf(answer), missing)
  }
}

/** Attack: an entry under other terms, sent in between reading and signing, would be signed unread (threat I6). */
function requireSeen(entry: string, seen: string | undefined): void {
  if (!(seen === undefined || seen === entry))
    throw new Refusal('TERMS_MISMATCH', {
      entry,
      detail: {
        zh: '起草单位在此期间换了目录条目，请先阅读新的',
        en: 'Whoever drew it up has replaced the entry meanwhile: read the new one first',
      },
    })
}
