import type { Payload } from '#schemas/kinds.ts'
import type { ShownDocument } from '#schemas/show-document.ts'
import type { Cause, State } from '#schemas/transitions.ts'
import type { Html } from '../pages/html.ts'
import { pick } from '../pages/language.ts'
import { showEnd, showTime } from '../pages/show.ts'
import type { Visit } from '../pages/visit.ts'
import { CAUSE_WORDS } from '../texts/agreement-words.ts'
import { type Happening, timeline } from './navigation.ts'

/** A document of a case: whose it is, by name, and since when it is known here (RFC 3339). */
export interface CaseDocument extends ShownDocument {
  readonly member: string
  readonly stored: string
}

/** A case between request and end. `next`: what it waits for, in words. */
export interface CaseStory {
  readonly documents: readonly CaseDocument[]
  readonly state: State
  readonly cause: Cause | null
  readonly until: string
  readonly next?: string | undefined
  /** Operators who agreed before anything was signed about it. */
  readonly approvals?: readonly { readonly operator: string; readonly at: string; readonly reason: string }[]
}

type Speaking = Pick<Visit, 't' | 'lang'>
type Dated = Happening & { readonly at: string }

const CHANGES = {
  suspend: { zh: '暂停协议', en: 'Suspended', tone: 'warn' },
  resume: { zh: '恢复协议', en: 'Resumed', tone: 'good' },
  terminate: { zh: '终止协议', en: 'Ended the agreement', tone: 'bad' },
} as const

/** What happened to it, oldest first, and what it waits for. */
export function caseHistory(visit: Speaking, found: CaseStory): Html {
  const { t, lang } = visit
  const happened = [
    ...found.documents.flatMap((document) => happenings(visit, document, found.cause)),
    ...pendingApprovals(visit, found),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return timeline(t('经过', 'History'), [
    ...happened.map(({ at, ...one }) => ({ ...one, when: showTime(lang, at) })),
    ...ending(visit, found),
  ])
}

function happenings({ t }: Speaking, document: CaseDocument, cause: Cause | null): Dated[] {
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
          what: cause === 'withdrawn' ? t('撤回申请', 'Withdrew the request') : t('拒绝申请', 'Refused'),
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
function decided(t: Speaking['t'], { payload, stored }: CaseDocument): Dated[] {
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
function pendingApprovals({ t }: Speaking, { documents, approvals = [] }: CaseStory): Dated[] {
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

function ending({ t, lang }: Speaking, { state, cause, until, next }: CaseStory): Happening[] {
  if (next !== undefined) return [{ when: '', what: next, open: true }]
  if (state === 'FINALIZED') return [{ when: showEnd(lang, until), what: t('到期', 'Ends'), open: true }]
  if (state === 'TERMINATED' && (cause === 'expired' || cause === 'lapsed'))
    return [{ when: '', what: pick(lang, CAUSE_WORDS[cause]), tone: 'quiet' }]
  return []
}

function noted(reason: string): { note?: string } {
  return reason === '' ? {} : { note: reason }
}
