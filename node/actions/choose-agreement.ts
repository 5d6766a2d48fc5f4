import { isDatasetId } from '#schemas/catalog/meta.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { AgreementRecord, KnownAgreements } from '../exchange-deps.ts'
import { ownerOf } from './hold-grants.ts'
import { findStop, requireRunningState } from './open-right.ts'

/**
 * The agreement a person means by its id, a unique prefix of it, or a dataset: of several on one dataset the one that the owner
 * serves and that runs longest. AGREEMENT_UNKNOWN, AMBIGUOUS_ID, OWN_DATASET, and why it does not run.
 */
export function chooseAgreement(agreements: KnownAgreements, member: string, target: string): AgreementRecord {
  const chosen = isDatasetId(target)
    ? chooseByDataset(agreements, member, target)
    : chooseById(agreements, member, target)
  requireRunningState(chosen)
  return chosen
}

function chooseByDataset(agreements: KnownAgreements, member: string, dataset: string): AgreementRecord {
  if (ownerOf(dataset) === member) throw new Refusal('OWN_DATASET', { dataset })
  const onIt = agreements.list().filter(({ payload }) => payload.consumer === member && payload.dataset === dataset)
  const stop = findStop(onIt)
  /** What was made by the open offer alone stands no better than what ended the offer. */
  const standing = (one: AgreementRecord) =>
    rank(stop !== undefined && one.state === 'FINALIZED' && one.payload.sharing === 'unconditional' ? stop : one)
  const best = onIt.toSorted(
    (a, b) =>
      standing(b) - standing(a) ||
      b.payload.terms.until.localeCompare(a.payload.terms.until) ||
      b.payload.iat - a.payload.iat,
  )[0]
  if (best === undefined)
    throw new Refusal('AGREEMENT_UNKNOWN', {
      dataset,
      detail: {
        zh: `没有关于 ${dataset} 的协议，请先申请`,
        en: `There is no agreement on ${dataset}; request it first`,
      },
    })
  return best
}

/** Which one to speak of when none runs: a suspended one may come back, one under way may become final. */
function rank({ state }: AgreementRecord): number {
  return { FINALIZED: 4, SUSPENDED: 3, VERIFIED: 2, AGREED: 1, TERMINATED: 0 }[state as string] ?? 0
}

function chooseById(agreements: KnownAgreements, member: string, id: string): AgreementRecord {
  const ours = agreements.list().filter(({ payload }) => payload.consumer === member)
  const exact = ours.find((record) => record.id === id)
  if (exact !== undefined) return exact
  const [first, ...more] = /^[0-9a-f]{1,64}$/.test(id) ? ours.filter((record) => record.id.startsWith(id)) : []
  if (first === undefined) throw new Refusal('AGREEMENT_UNKNOWN', { agreement: id })
  if (more.length > 0) throw new Refusal('AMBIGUOUS_ID', { id })
  return first
}
