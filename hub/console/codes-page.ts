import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { MEMBER_CLASSES, type MemberClass } from '#schemas/shapes.ts'
import { choiceField, textField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, facts, linkButton, notice, section, submitButton } from '#web/components/words.ts'
import { createShownOnce } from '#web/console/shown-once.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showAgo, showTime } from '#web/pages/show.ts'
import type { ShownCode } from '../actions/show-office.ts'
import { type Failed, holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'

const CLASS_HINTS: Readonly<Record<MemberClass, { zh: string; en: string }>> = {
  association: { zh: '可以发布和调取数据，可以担保关联单位', en: 'Publishes and pulls data, may sponsor affiliates' },
  department: { zh: '依职权和约定调取数据', en: 'Pulls data within its duties and what was agreed' },
  affiliate: {
    zh: '须由一家协会担保；没有担保时处于暂停状态',
    en: 'Needs the word of an association; suspended without one',
  },
}

/** Enrolment codes: made once, shown once. */
export const codesPages: OperatorGroup = (site) => {
  const made = createShownOnce<Made>()
  site.get('/codes', { roles: ['registrar', 'auditor'] }, (visit) => codesPage(visit, undefined))
  site.post('/codes', { roles: ['registrar'], again: codesPage }, async (visit, fields) => {
    const args = { class: fields.get('class'), member: fields.get('member').toUpperCase(), name: fields.get('name') }
    const { code, expires } = await visit.act<{ code: string; expires: string }>('code', args)
    return redirect(visit.href(`/codes/made/${made.keep(visit, { ...args, code, expires })}`))
  })
  site.get('/codes/made/:key', { roles: ['registrar'] }, (visit) =>
    madePage(visit, made.take(visit, visit.params['key'])),
  )
}

async function codesPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t, lang, now } = visit
  const codes = await visit.act<ShownCode[]>('codes')
  return {
    title: t('接入码', 'Enrolment codes'),
    body: html`
      ${holds(visit, 'registrar') && section(t('签发接入码', 'Make a code'), form(visit, failed), { card: true })}
      ${section(
        t('未使用的接入码', 'Codes not used yet'),
        table({
          caption: t('未使用的接入码', 'Codes not used yet'),
          stacked: true,
          rows: codes,
          empty: emptyState(
            t('没有未使用的接入码', 'No code is open'),
            t(
              '接入码用过以后不再列出；新成员会出现在待办里。',
              'A used code is listed no more; its member appears in the queue.',
            ),
          ),
          columns: [
            { head: t('单位', 'Organisation'), kind: 'row', cell: ({ name }) => name },
            { head: t('统一社会信用代码', 'Credit code'), cell: ({ member }) => html`<code>${member}</code>` },
            { head: t('类别', 'Class'), cell: (one) => pick(lang, MEMBER_CLASS_LABELS[one.class]) },
            { head: t('签发人', 'Made by'), cell: ({ operator }) => operator },
            {
              head: t('有效期', 'Expires'),
              cell: ({ expires, expired }) =>
                expired ? badge('quiet', t('已过期', 'Expired')) : showAgo(lang, expires, now),
            },
          ],
        }),
      )}
    `,
  }
}

function form(visit: OperatorVisit, failed: Failed): Html {
  const { t, lang } = visit
  const typed = (name: string) => failed?.fields.get(name) ?? ''
  return html`<form method="post" action=${visit.href('/codes')}>
    ${visit.formToken()}
    ${failed?.box}
    ${textField({ name: 'name', label: t('单位名称', 'Name'), required: true, maxLength: 64, value: typed('name'), error: failed?.errorAt('name') })}
    ${textField({
      name: 'member',
      label: t('统一社会信用代码', 'Unified social credit code'),
      hint: t('18 位，会检查校验位', '18 characters; the check character is checked'),
      required: true,
      maxLength: 18,
      autocomplete: 'off',
      spellcheck: false,
      value: typed('member'),
      error: failed?.errorAt('member'),
    })}
    ${choiceField({
      name: 'class',
      kind: 'radio',
      label: t('类别', 'Class'),
      required: true,
      values: [typed('class') || 'association'],
      options: MEMBER_CLASSES.map((value) => ({
        value,
        text: pick(lang, MEMBER_CLASS_LABELS[value]),
        hint: pick(lang, CLASS_HINTS[value]),
      })),
    })}
    <p class="hint">${t('接入码只能用一次，72 小时内有效。为同一单位再次签发时，未使用的旧码作废。', 'A code works once, within 72 hours. A new one for the same organisation takes the place of one not used.')}</p>
    ${submitButton(t('签发', 'Make the code'))}
  </form>`
}

interface Made {
  readonly name: string
  readonly member: string
  readonly class: string
  readonly code: string
  readonly expires: string
}

function madePage({ t, lang, href }: OperatorVisit, { name, member, code, expires, class: memberClass }: Made): Page {
  return {
    title: t(`${name}的接入码`, `Code for ${name}`),
    layout: 'text',
    crumbs: [{ text: t('接入码', 'Codes'), href: href('/codes') }, { text: name }],
    scripts: ['copy.js'],
    body: html`
      ${notice('warn', {
        title: t('接入码只显示这一次', 'The code is shown this once'),
        body: t(
          '请现在复制或打印，通过可靠的渠道交给对方。离开本页后无法再次查看，只能重新签发。',
          'Copy or print it now and hand it over by a safe way. It cannot be looked up later, only made anew.',
        ),
      })}
      <div class="secret" data-copy=${t('复制', 'Copy')}><code>${code}</code></div>
      ${facts([
        [t('单位', 'Organisation'), name],
        [t('统一社会信用代码', 'Credit code'), member],
        [t('类别', 'Class'), pick(lang, MEMBER_CLASS_LABELS[memberClass as MemberClass])],
        [t('有效期至', 'Valid until'), showTime(lang, expires)],
      ])}
      ${section(
        t('对方怎样使用', 'How it is used'),
        html`<p>${t('在接入节点的服务器上运行：', 'On the server of the new node:')}</p>
        <pre tabindex="0">hanghui node init --code ${code.slice(0, 24)}…</pre>
        <p>${t('屏幕上会显示信任根指纹，应与门户“信任与核验”页面一致。接入后请在待办里核对签名证书的指纹。', 'It shows the fingerprint of the root, which must agree with the portal’s page “Trust”. Then compare the fingerprint of its signing certificate in the queue.')}</p>`,
      )}
      <div class="cluster no-print">${linkButton(href('/codes'), t('返回', 'Back'))}</div>
    `,
  }
}
