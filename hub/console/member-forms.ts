import { textField } from '#web/components/fields.ts'
import { more, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { ShownMember } from '../actions/show-member.ts'
import { decisionForm } from './decision-form.ts'
import { type Failed, holds, type OperatorVisit } from './operator-pages.ts'

/** What a registrar may do with a member now. */
export function memberForms(visit: OperatorVisit, found: ShownMember, given: Failed): Html {
  const { t } = visit
  if (!holds(visit, 'registrar') || found.standing === 'revoked') return null
  const failed = given?.fields.get('certificate') === '' ? given : undefined
  const action = `/members/${found.id}`
  const suspended = found.standing === 'suspended'
  return html`
    ${section(
      suspended ? t('恢复', 'Resume') : t('暂停', 'Suspend'),
      decisionForm(visit, {
        action,
        failed,
        required: true,
        hint: suspended
          ? t('恢复后，该成员可以继续提供和调取数据。', 'The member can provide and pull data again.')
          : t(
              '暂停后，该成员不能提供也不能调取数据；可以恢复。',
              'The member can neither provide nor pull data; it can be lifted.',
            ),
        choices: [
          suspended
            ? { value: 'resume', text: t('恢复成员', 'Resume'), kind: 'primary' }
            : { value: 'suspend', text: t('暂停成员', 'Suspend'), kind: 'plain' },
        ],
      }),
      { card: true },
    )}
    ${more(
      t('吊销成员…', 'Revoke the member…'),
      decisionForm(visit, {
        action,
        failed,
        required: true,
        prefix: 'revoke',
        hint: t(
          '吊销成员及其全部证书，立即生效，不能撤销；它担保的单位随之暂停。重新加入需要新的接入码。',
          'Revokes the member and all its certificates at once and for good; whom it sponsors is suspended. Coming back needs a new code.',
        ),
        more: sinceField(visit, failed, 'revoke'),
        choices: [{ value: 'revoke', text: t('吊销成员', 'Revoke the member'), kind: 'danger' }],
      }),
      failed?.fields.get('decision') === 'revoke',
    )}
  `
}

/** From when a key was in other hands; documents signed since count for nothing. */
export function sinceField({ t }: OperatorVisit, failed: Failed, prefix: string): Html {
  return textField({
    name: 'since',
    id: `f-${prefix}-since`,
    type: 'datetime-local',
    label: t('密钥泄露时间（北京时间）', 'Key compromised since (Beijing time)'),
    hint: t(
      '只在密钥可能已落入他人之手时填写；此后的签名不再可信。',
      'Only if the key may be in other hands; what it signed since then is not to be trusted.',
    ),
    value: failed?.fields.get('since'),
    error: failed?.errorAt('since'),
  })
}
