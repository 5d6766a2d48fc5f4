import { choiceField, hiddenField, selectField, textField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, code, more, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showDay } from '#web/pages/show.ts'
import type { ShownOperator } from '../actions/show-office.ts'
import { ROLES, type Role } from '../deps.ts'
import { nameRoles, ROLE_DUTIES, ROLE_WORDS } from '../role-words.ts'
import { type Failed, holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'

/** People at the hub: roles given and taken, certificates issued (operator-certificates.ts). */
export const operatorsPages: OperatorGroup = (site) => {
  site.get('/operators', { roles: ['administrator', 'auditor'] }, (visit) => operatorsPage(visit, undefined))
  site.post('/operators', { roles: ['administrator'], again: operatorsPage }, async (visit, fields) => {
    const member = fields.optional('member')?.toUpperCase()
    const args = { name: fields.get('name'), role: fields.get('role'), ...(member === undefined ? {} : { member }) }
    const { operator, roles } = await visit.act<{ operator: string; roles: string[] }>('operator-add', args)
    visit.flash('good', visit.t(`${operator}：${nameRoles('zh', roles)}`, `${operator}: ${nameRoles('en', roles)}`))
    return redirect(visit.href('/operators'))
  })
  site.post('/operators/member', { roles: ['administrator'], again: operatorsPage }, async (visit, fields) => {
    const name = fields.get('name')
    const member = fields.optional('member')?.toUpperCase()
    await visit.act('operator-member', { name, ...(member === undefined ? {} : { member }) })
    visit.flash('good', visit.t(`${name} 的所属成员已更新。`, `It is noted to whom ${name} belongs.`))
    return redirect(visit.href('/operators'))
  })
  site.post('/operators/remove', { roles: ['administrator'], again: operatorsPage }, async (visit, fields) => {
    const { t } = visit
    const { operator, roles } = await visit.act<{ operator: string; roles: string[] }>('operator-remove', {
      name: fields.get('name'),
      role: fields.get('role'),
    })
    visit.flash(
      'good',
      roles.length === 0
        ? t(
            `${operator} 不再是管理员，其证书已吊销。`,
            `${operator} is no operator any more; the certificates are revoked.`,
          )
        : t(`已取消 ${operator} 的角色。`, `The role of ${operator} is taken away.`),
    )
    return redirect(visit.href('/operators'))
  })
}

async function operatorsPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t } = visit
  const all = await visit.act<ShownOperator[]>('operators')
  const active = all.filter(({ roles }) => roles.length > 0)
  const former = all.filter(({ roles }) => roles.length === 0)
  return {
    title: t('管理员', 'Operators'),
    lead: t(
      '审批员不能兼系统管理员；审计员不兼任何角色。',
      'Nobody is both approver and administrator; an auditor holds no other role.',
    ),
    body: html`
      ${failed !== undefined && failed.fields.get('form') !== 'add' && failed.box}
      ${operatorTable(visit, active)}
      ${former.length > 0 && more(t(`已离任（${former.length}）`, `Former (${former.length})`), operatorTable(visit, former))}
      ${holds(visit, 'administrator') && section(t('增加管理员或角色', 'Add a person or a role'), addForm(visit, failed), { card: true })}
    `,
  }
}

function operatorTable(visit: OperatorVisit, rows: readonly ShownOperator[]): Html {
  const { t, lang, href } = visit
  const may = holds(visit, 'administrator')
  return table({
    caption: t('管理员', 'Operators'),
    stacked: true,
    rows,
    columns: [
      { head: t('姓名', 'Name'), kind: 'row', cell: ({ name }) => name },
      {
        head: t('角色', 'Roles'),
        cell: ({ roles }) =>
          html`<div class="cluster">${roles.map((role) => badge('info', nameRoles(lang, [role])))}</div>`,
      },
      {
        head: t('所属成员', 'Belongs to'),
        cell: ({ member }) =>
          member === null ? '—' : html`<a href=${href(`/members/${member.id}`)}>${member.name}</a>`,
      },
      { head: t('证书', 'Certificate'), cell: (one) => certificateOf(visit, one) },
      { head: t('自', 'Since'), cell: ({ since }) => html`<time>${showDay(lang, since)}</time>` },
      ...(may ? [{ head: t('操作', 'Actions'), cell: (one: ShownOperator) => actions(visit, one) }] : []),
    ],
  })
}

function certificateOf({ t, lang, now }: OperatorVisit, { certificates }: ShownOperator): Html {
  const good = certificates.filter(({ revoked, until }) => revoked === null && Date.parse(until) / 1000 > now)
  if (good.length === 0) return html`<span class="quiet-text">${t('没有', 'none')}</span>`
  return more(
    t(`至 ${showDay(lang, good[0]?.until as string)}`, `until ${showDay(lang, good[0]?.until as string)}`),
    html`<ul class="plain">${good.map(({ thumbprint, until }) => html`<li>${showDay(lang, until)} ${code(thumbprint)}</li>`)}</ul>`,
  )
}

function actions(visit: OperatorVisit, { name, roles, member }: ShownOperator): Html {
  const { t, lang, href } = visit
  if (roles.length === 0) return null
  return html`<div class="stack tight">
    <form method="post" action=${href('/operators/certificates')}>
      ${visit.formToken()}${hiddenField('name', name)}
      ${submitButton(t('签发证书', 'Issue a certificate'), { kind: 'plain' })}
    </form>
    ${more(
      t('所属成员…', 'Belongs to…'),
      html`<form method="post" action=${href('/operators/member')}>
        ${visit.formToken()}${hiddenField('name', name)}
        ${textField({
          name: 'member',
          id: `f-member-of-${name}`,
          label: t('统一社会信用代码', 'Credit code'),
          hint: t('留空表示不属于任何成员。', 'Empty: belongs to none.'),
          maxLength: 18,
          autocomplete: 'off',
          spellcheck: false,
          value: member?.id ?? '',
        })}
        ${submitButton(t('保存', 'Save'), { kind: 'plain' })}
      </form>`,
    )}
    ${more(
      t('取消角色…', 'Take a role away…'),
      html`<form method="post" action=${href('/operators/remove')}>
        ${visit.formToken()}${hiddenField('name', name)}
        ${selectField({
          name: 'role',
          id: `f-role-of-${name}`,
          label: t('角色', 'Role'),
          options: roles.map((role) => ({ value: role, text: nameRoles(lang, [role]) })),
        })}
        ${roles.length === 1 && html`<p class="hint">${t('这是最后一个角色：取消后不再是管理员，证书随之吊销。', 'It is the last one: the person is out, and the certificates are revoked.')}</p>`}
        ${submitButton(t('取消', 'Take it away'), { kind: 'danger' })}
      </form>`,
    )}
  </div>`
}

function addForm(visit: OperatorVisit, given: Failed): Html {
  const { t, lang } = visit
  const failed = given?.fields.get('form') === 'add' ? given : undefined
  const typed = (name: string) => failed?.fields.get(name) ?? ''
  return html`<form method="post" action=${visit.href('/operators')}>
    ${visit.formToken()}${hiddenField('form', 'add')}
    ${failed?.box}
    ${textField({ name: 'name', label: t('姓名', 'Name'), required: true, maxLength: 64, value: typed('name'), error: failed?.errorAt('name') })}
    ${choiceField({
      name: 'role',
      kind: 'radio',
      label: t('角色', 'Role'),
      required: true,
      values: [typed('role')],
      options: ROLES.map((role: Role) => ({
        value: role,
        text: pick(lang, ROLE_WORDS[role]),
        hint: pick(lang, ROLE_DUTIES[role]),
      })),
    })}
    ${textField({
      name: 'member',
      label: t('所属成员的统一社会信用代码（选填）', 'Credit code of the member they belong to (optional)'),
      hint: t('属于某成员的人不能审批该成员的协议。', 'Who belongs to a member does not decide on its agreements.'),
      maxLength: 18,
      autocomplete: 'off',
      spellcheck: false,
      value: typed('member'),
      error: failed?.errorAt('member'),
    })}
    ${submitButton(t('增加', 'Add'))}
  </form>`
}
