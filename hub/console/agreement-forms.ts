import { more, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { ShownAgreement } from '../actions/show-agreement.ts'
import { decisionForm } from './decision-form.ts'
import { type Failed, holds, type OperatorVisit } from './operator-pages.ts'

/** What this person may do with it now, or why not. */
export function agreementForms(visit: OperatorVisit, found: ShownAgreement, failed: Failed): Html {
  const { t } = visit
  const waits = found.state === 'VERIFIED'
  const runs = found.state === 'FINALIZED' || found.state === 'SUSPENDED'
  if (!(waits || runs)) return null
  if (!holds(visit, 'approver'))
    return (
      waits &&
      notice('info', {
        title: t('等待审批员办理', 'An approver decides'),
        body: t('您可以查看，不能办理。', 'You may look, not decide.'),
      })
    )
  return waits ? approval(visit, found, failed) : standing(visit, found, failed)
}

function approval(visit: OperatorVisit, found: ShownAgreement, failed: Failed): Html {
  const { t, visitor } = visit
  const given = found.approvals.map(({ operator }) => operator)
  const mine = given.includes(visitor.name)
  return section(
    t('审批', 'Decide'),
    html`
      ${found.sensitive && sensitive(visit, found)}
      ${
        mine
          ? notice('info', { title: t('您已同意，等待第二位审批员。', 'You approved; a second approver is needed.') })
          : decisionForm(visit, {
              action: `/agreements/${found.id}`,
              failed,
              hint: t('拒绝时必填，会告知申请方。', 'Required to refuse; the applicant will see it.'),
              choices: [
                {
                  value: 'approve',
                  text: given.length > 0 ? t('同意（第二人）', 'Approve (second)') : t('同意', 'Approve'),
                  kind: 'primary',
                },
                { value: 'refuse', text: t('拒绝', 'Refuse'), kind: 'danger' },
              ],
            })
      }
    `,
    { card: true },
  )
}

function sensitive({ t, visitor }: OperatorVisit, { approvals }: ShownAgreement): Html {
  const certain = visitor.via.kind === 'certificate' || approvals.some(({ via }) => via === 'certificate')
  return notice('warn', {
    title: t('内容敏感，须两位审批员同意', 'Sensitive: two approvers must agree'),
    body: html`
      <p>${
        approvals.length === 0
          ? t('目前还没有人同意。', 'Nobody has approved yet.')
          : t(
              `${approvals.map(({ operator }) => operator).join('、')} 已同意。`,
              `${approvals.map(({ operator }) => operator).join(', ')} approved.`,
            )
      }</p>
      ${!certain && html`<p>${t('其中至少一位须用管理员证书登录；您现在是用一次性链接登录的。', 'At least one of them must come with a certificate; you came by a one-time link.')}</p>`}
    `,
  })
}

function standing(visit: OperatorVisit, found: ShownAgreement, failed: Failed): Html {
  const { t } = visit
  const ours = found.suspendedBy.includes('hub')
  const open = failed !== undefined
  return html`
    ${section(
      ours ? t('恢复', 'Resume') : t('暂停', 'Suspend'),
      decisionForm(visit, {
        action: `/agreements/${found.id}`,
        failed,
        required: true,
        hint: ours
          ? t('恢复后可以继续调取，除非另一方也暂停了。', 'Pulls go on, unless a party has suspended it too.')
          : t(
              '暂停后立即不能调取，正在进行的传输会中断。',
              'No pull is served from then on, and running transfers are cut.',
            ),
        choices: [
          ours
            ? { value: 'resume', text: t('恢复协议', 'Resume'), kind: 'primary' }
            : { value: 'suspend', text: t('暂停协议', 'Suspend'), kind: 'plain' },
        ],
      }),
      { card: true },
    )}
    ${more(
      t('终止协议…', 'End the agreement…'),
      decisionForm(visit, {
        action: `/agreements/${found.id}`,
        failed,
        required: true,
        prefix: 'end',
        hint: t('终止不能撤销；需要时由使用方重新申请。', 'This cannot be undone; the consumer may ask again.'),
        choices: [{ value: 'terminate', text: t('终止协议', 'End it'), kind: 'danger' }],
      }),
      open && failed.fields.get('decision') === 'terminate',
    )}
  `
}
