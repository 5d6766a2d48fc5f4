import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Deciding, QueueItem, QueueSource } from '../deps.ts'
import type { AdmissionRow } from '../store/codes.ts'
import type { MemberRow } from '../store/members.ts'
import { revokePair, settle } from './change-member.ts'
import { requireDecider } from './operators.ts'
import { type Office, signDecisionOn } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'

/** Used codes in the queue: approving acknowledges the new keys, refusing revokes them. */
export function queueAdmissions(r: Office): QueueSource {
  return {
    list: () => r.codes.waiting().map((row) => queueItem(r, row)),
    idsLike: r.codes.admissionsLike,
    async approve(id, by) {
      await r.commit(() => {
        const row = requireWaiting(r, id, by, { reasoned: false })
        r.codes.decide({
          ...row,
          state: 'approved',
          decision: signDecisionOn(r, { kind: 'admission', id }, 'approved', by),
        })
      })
      return { id, state: 'approved' }
    },
    async refuse(id, by) {
      await r.commit(() => {
        const row = requireWaiting(r, id, by, { reasoned: true })
        r.codes.decide({
          ...row,
          state: 'refused',
          decision: signDecisionOn(r, { kind: 'admission', id }, 'refused', by),
        })
        revokeAdmitted(r, row, by.reason)
      })
      await settle(r)
      return { id, state: 'refused' }
    },
  }
}

function requireWaiting(r: Office, id: string, by: Deciding, how: { reasoned: boolean }): AdmissionRow {
  requireDecider(r, by, 'registrar', how)
  const row = r.codes.findAdmission(id)
  if (row === undefined) throw new Refusal('NOT_FOUND', { id })
  if (!(row.state === 'waiting')) throw new Refusal('ALREADY_DECIDED', { id, state: row.state })
  return row
}

/** The keys that came in by the code, and those that renewed from them. A member left without keys is no member. */
function revokeAdmitted(r: Office, { request, member }: AdmissionRow, reason: string): void {
  const first = r.certificates.findPair(request)?.number ?? 0
  const pairs = r.certificates.pairsOf(member)
  for (const pair of pairs) if (pair.number >= first && pair.state !== 'revoked') revokePair(r, pair, reason, undefined)
  const left = r.certificates.pairsOf(member).some(({ state }) => state !== 'revoked')
  if (!left) r.members.save({ ...(r.members.find(member) as MemberRow), standing: 'revoked', reason })
  alignPlaces(r, member)
}

function queueItem(r: Office, { id, member, request, since }: AdmissionRow): QueueItem {
  const name = r.members.find(member)?.name ?? member
  const signing = r.certificates.ofRequest(request).find(({ use }) => use === 'signing')?.thumbprint ?? ''
  return {
    id,
    kind: 'admission',
    role: 'registrar',
    since: toRfc3339(since),
    summary: {
      zh: `${name}（${member}）已用接入码接入；请核对其签名证书指纹 ${signing}`,
      en: `${name} (${member}) has enrolled; compare the fingerprint of its signing certificate ${signing}`,
    },
  }
}
