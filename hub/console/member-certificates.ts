import { hiddenField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, code, emptyState, more } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showDay, showTime } from '#web/pages/show.ts'
import { CERTIFICATE_USES, STANDING_WORDS } from '#web/texts/member-words.ts'
import type { ShownMember, ShownPair } from '../actions/show-member.ts'
import { decisionForm } from './decision-form.ts'
import { sinceField } from './member-forms.ts'
import { type Failed, holds, type OperatorVisit } from './operator-pages.ts'

/** Pairs of certificates, newest first; under them, where a form has room, a registrar may revoke one that stands. */
export function certificateTable(visit: OperatorVisit, { id, pairs }: ShownMember, failed: Failed): Html {
  const { t, lang } = visit
  return html`${table({
    caption: t('证书', 'Certificates'),
    stacked: true,
    rows: pairs,
    empty: emptyState(t('没有证书', 'No certificates')),
    columns: [
      { head: t('组', 'Pair'), kind: 'row', cell: ({ number }) => t(`第 ${number} 组`, `No. ${number}`) },
      { head: t('状态', 'State'), cell: (pair) => stateOf(visit, pair) },
      { head: t('签发', 'Issued'), cell: ({ issued }) => html`<time>${showDay(lang, issued)}</time>` },
      { head: t('有效期至', 'Until'), cell: (pair) => html`<time>${showDay(lang, endOf(pair))}</time>` },
      {
        head: t('详细', 'Details'),
        cell: ({ certificates }) =>
          more(
            t('指纹', 'Fingerprints'),
            html`<ul class="plain">${certificates.map(
              ({ use, thumbprint, external }) =>
                html`<li>${pick(lang, CERTIFICATE_USES[use])}${external && t('（外部机构）', ' (outside CA)')} ${code(thumbprint)}</li>`,
            )}</ul>`,
          ),
      },
    ],
  })}
  ${holds(visit, 'registrar') && pairs.filter((pair) => pair.state !== 'revoked' && !isOver(visit, pair)).map((pair) => revokeForm(visit, id, pair, failed))}`
}

function stateOf({ t, lang, now }: OperatorVisit, pair: ShownPair): Html {
  const { state, reason, since, compromised } = pair
  if (state === 'good' && Date.parse(endOf(pair)) / 1000 < now) return badge('quiet', t('已过期', 'Expired'))
  return html`${badge(STANDING_WORDS[state].tone, pick(lang, STANDING_WORDS[state]))}
    ${state === 'good' && pair.renewed && badge('quiet', t('已更换', 'Renewed'))}
    ${reason !== null && html`<div class="small">${reason}${compromised && since !== null && t(`（自 ${showTime(lang, since)} 起不可信）`, ` (not to be trusted since ${showTime(lang, since)})`)}</div>`}`
}

function isOver({ now }: OperatorVisit, pair: ShownPair): boolean {
  return Date.parse(endOf(pair)) / 1000 < now
}

function endOf({ certificates }: ShownPair): string {
  return (
    certificates
      .map(({ until }) => until)
      .toSorted()
      .at(-1) ?? ''
  )
}

function revokeForm(visit: OperatorVisit, member: string, { certificates, number }: ShownPair, failed: Failed): Html {
  const { t } = visit
  const thumbprint = certificates[0]?.thumbprint ?? ''
  const mine = certificates.some((one) => one.thumbprint === failed?.fields.get('certificate')) ? failed : undefined
  return more(
    t(`吊销第 ${number} 组证书…`, `Revoke pair no. ${number}…`),
    decisionForm(visit, {
      action: `/members/${member}`,
      failed: mine,
      required: true,
      prefix: `pair-${number}`,
      hint: t(
        '立即生效，不能撤销。该成员如没有其他证书，须用新的接入码重新接入。',
        'At once and for good. A member left without certificates needs a new code.',
      ),
      more: html`${hiddenField('certificate', thumbprint)}${sinceField(visit, mine, `pair-${number}`)}`,
      choices: [{ value: 'revoke', text: t('吊销', 'Revoke'), kind: 'danger' }],
    }),
    mine !== undefined,
  )
}
