import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { QueueItem, QueueSource, StandingSource } from '../deps.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { approveAgreement, changeByOperator, type Decided, refuseAgreement } from './decide-agreement.ts'
import { entryPayload } from './read-entry.ts'
import { standingTerms } from './receive-answer.ts'

/** Agreements that wait for an approver: from VERIFIED until decided. */
export function queueAgreements(x: Exchange): QueueSource {
  return {
    list: () => x.agreements.inState('VERIFIED').map((row) => queueItem(x, row)),
    idsLike: x.agreements.idsLike,
    approve: (id, by) => decide(x, id, (row) => approveAgreement(x, row, by)),
    refuse: (id, by) => decide(x, id, (row) => refuseAgreement(x, row, by)),
  }
}

/** The hub's own suspensions and terminations of agreements. */
export function standAgreements(x: Exchange): StandingSource {
  const changing =
    (change: 'suspend' | 'resume' | 'terminate'): StandingSource['suspend'] =>
    (id, by) =>
      decide(x, id, (row) => changeByOperator(x, row, change, by))
  return {
    idsLike: x.agreements.idsLike,
    suspend: changing('suspend'),
    resume: changing('resume'),
    terminate: changing('terminate'),
  }
}

/** One transaction; the answer waits until the status list says the same. */
async function decide(x: Exchange, id: string, act: (row: AgreementRow) => Decided): Promise<Decided> {
  const decided = await x.commit(() => {
    const row = x.agreements.findByAgreement(id) ?? x.agreements.findByRequest(id)
    if (row === undefined) throw new Refusal('AGREEMENT_UNKNOWN', { agreement: id })
    return act(row)
  })
  await x.published()
  return decided
}

function queueItem(x: Exchange, row: AgreementRow): QueueItem {
  const { purpose } = standingTerms(x, row)
  const nameOf = (member: string) => x.trust.findMember(member)?.name ?? member
  const owners = x.agreements.parties(row.request).filter(({ role }) => role === 'owner')
  const owner = owners.map(({ member }) => nameOf(member)).join('、')
  const approvals = x.standings.approvals(row.request).map(({ operator }) => operator)
  const { title } = entryPayload(x, row.entry).meta
  const zh = `${nameOf(row.consumer)}申请${owner}的《${title.zh}》，用途：${purpose}`
  const en = `${nameOf(row.consumer)} asks for “${title.en ?? title.zh}” of ${owner}, purpose: ${purpose}`
  const half = approvals.length > 0
  return {
    id: row.agreement as string,
    kind: 'agreement',
    role: 'approver',
    since: toRfc3339(row.verified as number),
    summary: {
      zh: half ? `${zh}（${approvals.join('、')} 已同意，待第二人）` : zh,
      en: half ? `${en} (approved by ${approvals.join(', ')}; one more)` : en,
    },
  }
}
