import type { Payload } from '#schemas/kinds.ts'
import { type Happening, timeline } from '#web/components/navigation.ts'
import type { Html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showEnd, showTime } from '#web/pages/show.ts'
import { CAUSE_WORDS } from '#web/texts/agreement-words.ts'
import type { ShownAgreement } from '../actions/show-agreement.ts'
import type { OperatorVisit } from './operator-pages.ts'

type Kept = ShownAgreement['documents'][number]
type Dated = Happening & { readonly at: string }

const CHANGES = {
  suspend: { zh: '暂停协议', en: 'Suspended', tone: 'warn' },
  resume: { zh: '恢复协议', en: 'Resumed', tone: 'good' },
  terminate: { zh: '终止协议', en: 'Ended the agreement', tone: 'bad' },
} as const

/** What happened to it, oldest first, and what it waits for. */
export function agreementHistory(visit: OperatorVisit, found: ShownAgreement): Html {
  const { t, lang } = visit
  const happened = [
    ...found.documents.flatMap((document) => happenings(visit, document)),
    ...pendingApprovals(visit, found),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return timeline(t('经过', 'History'), [
    ...happened.map(({ at, ...one }) => ({ ...one, when: showTime(lang, at) })),
    ...ending(visit, found),
  ])
}

function happenings({ t }: OperatorVisit, document: Kept): Dated[] {
  const { kind, payload, stored, member, signatures } = document
  const base = { when: '', at: stored, who: member }
  switch (kind) {
    case 'request': {
      const { terms } = payload as Payload<'request'>
      return [{ ...base, what: t('提出申请', 'Asked'), tone: 'info', note: terms.purpose }]
    }
    case 'offer': {
      const { reason } = payload as Payload<'offer'>
      return [{ ...base, what: t('提出其他条款', 'Offered other terms'), tone: 'info', ...noted(reason) }]
    }
    case 'consent':
      return [{ ...base, what: t('接受条款', 'Accepted the terms'), tone: 'info' }]
    case 'refusal':
      return [
        {
          ...base,
          what: t('拒绝或撤回', 'Refused or withdrew'),
          tone: 'bad',
          ...noted((payload as Payload<'refusal'>).reason),
        },
      ]
    case 'agreement':
      return signatures
        .filter(({ role }) => role !== 'hub')
        .map(({ signer, role, at }) => ({
          when: '',
          at: at ?? stored,
          who: signer,
          what: role === 'owner' ? t('提供方签署协议', 'Owner signed') : t('使用方签署协议', 'Consumer signed'),
          tone: 'good',
        }))
    case 'decision':
      return decided(t, document)
    case 'agreement-change': {
      const { change, reason } = payload as Payload<'agreement-change'>
      const { zh, en, tone } = CHANGES[change]
      return [{ ...base, what: t(zh, en), tone, note: reason }]
    }
    default:
      return []
  }
}

/** Suspensions and endings of the hub are told by the change that follows; the decision names the person. */
function decided(t: OperatorVisit['t'], { payload, stored }: Kept): Dated[] {
  const { outcome, by } = payload as Payload<'decision'>
  const words = {
    approved: t('审批同意', 'Approved'),
    refused: t('审批拒绝', 'Refused'),
    suspended: t('决定暂停', 'Decided to suspend'),
    resumed: t('决定恢复', 'Decided to resume'),
    terminated: t('决定终止', 'Decided to end it'),
    revoked: t('吊销', 'Revoked'),
  }
  return by.map(({ operator, reason, at, via }) => ({
    when: '',
    at: via.kind === 'rule' ? stored : at,
    who: via.kind === 'rule' ? t('按无条件共享的规则自动生效', 'by the rule of an open offer') : operator,
    what: words[outcome],
    tone: outcome === 'approved' || outcome === 'resumed' ? 'good' : 'bad',
    ...noted(reason),
  }))
}

/** Approvals that no decision states yet. */
function pendingApprovals({ t }: OperatorVisit, { documents, approvals }: ShownAgreement): Dated[] {
  if (documents.some(({ kind }) => kind === 'decision')) return []
  return approvals.map(({ operator, at, reason }) => ({
    when: '',
    at,
    who: operator,
    what: t('审批同意（第一人）', 'Approved (first of two)'),
    tone: 'good',
    ...noted(reason),
  }))
}

function ending({ t, lang }: OperatorVisit, { state, cause, until, approvals }: ShownAgreement): Happening[] {
  if (state === 'VERIFIED')
    return [
      {
        when: '',
        what:
          approvals.length > 0
            ? t('等待第二位审批员', 'Waits for a second approver')
            : t('等待审批', 'Waits for approval'),
        open: true,
      },
    ]
  if (state === 'FINALIZED') return [{ when: showEnd(lang, until), what: t('到期', 'Ends'), open: true }]
  if (state === 'TERMINATED' && (cause === 'expired' || cause === 'lapsed'))
    return [{ when: '', what: pick(lang, CAUSE_WORDS[cause]), tone: 'quiet' }]
  return []
}

function noted(reason: string): { note?: string } {
  return reason === '' ? {} : { note: reason }
}
