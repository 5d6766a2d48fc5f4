import { type Happening, timeline } from '#web/components/navigation.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showTime } from '#web/pages/show.ts'
import type { ShownMember } from '../actions/show-member.ts'
import type { OperatorVisit } from './operator-pages.ts'

type Dated = Happening & { readonly at: string }

const TONES = {
  approved: 'good',
  resumed: 'good',
  suspended: 'warn',
  refused: 'bad',
  revoked: 'bad',
  terminated: 'bad',
} as const

/** What happened to a member, newest first. */
export function memberHistory(visit: OperatorVisit, { admissions, pairs, decisions, name }: ShownMember): Html {
  const { t, lang, href } = visit
  const happened: Dated[] = [
    ...admissions.map(({ id, since }) => ({
      when: '',
      at: since,
      who: name,
      what: html`<a href=${href(`/admissions/${id}`)}>${t('用接入码接入', 'Enrolled with a code')}</a>`,
      tone: 'info' as const,
    })),
    // The first pair of a code is its enrolment.
    ...pairs
      .filter(({ request }) => !admissions.some((one) => one.request === request))
      .map(({ issued, number }) => ({
        when: '',
        at: issued,
        who: name,
        what: t(`更换证书（第 ${number} 组）`, `Renewed certificates (no. ${number})`),
      })),
    ...decisions.map(({ subject, outcome, operator, reason, at }) => ({
      when: '',
      at,
      who: operator,
      what: said(visit, subject, outcome),
      tone: TONES[outcome as keyof typeof TONES] ?? ('quiet' as const),
      ...(reason === '' ? {} : { note: reason }),
    })),
  ]
  return timeline(
    t('经过', 'History'),
    happened.sort((a, b) => (a.at < b.at ? 1 : -1)).map(({ at, ...one }) => ({ ...one, when: showTime(lang, at) })),
  )
}

function said({ t }: OperatorVisit, subject: string, outcome: string): string {
  if (subject === 'admission')
    return outcome === 'approved' ? t('确认接入', 'Admission confirmed') : t('拒绝接入', 'Admission refused')
  if (subject === 'certificate') return t('吊销一组证书', 'A pair of certificates revoked')
  const words: Record<string, string> = {
    suspended: t('暂停成员', 'Member suspended'),
    resumed: t('恢复成员', 'Member resumed'),
    revoked: t('吊销成员', 'Member revoked'),
  }
  return words[outcome] ?? outcome
}
