import { table } from '#web/components/table.ts'
import { badge, emptyState, facts, linkButton, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showDay } from '#web/pages/show.ts'
import { FOOTER_LABELS } from '../portal/footer-lines.ts'
import { listTexts, type ShownText } from '../portal/read-texts.ts'
import { FOOTER_FIELDS, type Footer, type Notice } from '../store/contents.ts'
import { footerEditing } from './footer-page.ts'
import { noticeEditing } from './notice-page.ts'
import { holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'
import type { ShownContents } from './text-editor.ts'
import { pageEditing } from './text-page.ts'

/** 门户内容: notices, guides and standards, about, footer. */
export const textEditing: OperatorGroup = (site, deps) => {
  site.get('/texts', { roles: ['administrator', 'auditor'] }, async (visit) => {
    const { t, href } = visit
    const { notices, pages, footer } = await visit.act<ShownContents>('contents-show')
    const texts = await listTexts({ pages: async () => pages })
    const may = holds(visit, 'administrator')
    const add = (path: string, text: string) => may && linkButton(href(path), text)
    return {
      title: t('门户内容', 'Portal texts'),
      lead: t(
        '修改后立即在门户显示；每次修改的原文都会保留。',
        'Shown on the portal at once; every earlier text is kept.',
      ),
      body: html`
        ${section(t('通知公告', 'Notices'), noticeTable(visit, notices), { beside: add('/texts/notices/new', t('写通知', 'Write a notice')) })}
        ${section(t('办事指南、标准规范、关于', 'Guides, standards, about'), textTable(visit, texts), { beside: add('/texts/page?new', t('增加一篇', 'Add one')) })}
        ${section(t('页脚', 'Footer'), footerFacts(visit, footer), { beside: add('/texts/footer', t('修改页脚', 'Edit the footer')) })}
      `,
    }
  })
  noticeEditing(site, deps)
  pageEditing(site, deps)
  footerEditing(site, deps)
}

function noticeTable({ t, lang, href }: OperatorVisit, notices: readonly Notice[]): Html {
  return table({
    caption: t('通知公告', 'Notices'),
    stacked: true,
    rows: notices,
    empty: emptyState(
      t('还没有通知', 'No notices'),
      t('通知显示在门户首页和“通知公告”页。', 'Notices appear on the front page and under “Notices”.'),
    ),
    columns: [
      {
        head: t('标题', 'Title'),
        kind: 'row',
        cell: ({ id, title }) => html`<a href=${href(`/texts/notices/${id}`)}>${pick(lang, title)}</a>`,
      },
      { head: t('发布日期', 'Published'), cell: ({ published }) => showDay(lang, published) },
      {
        head: t('状态', 'State'),
        cell: ({ withdrawn }) =>
          withdrawn ? badge('quiet', t('已撤下', 'Withdrawn')) : badge('good', t('显示中', 'Shown')),
      },
      { head: t('英文', 'English'), cell: ({ body }) => (body.en === undefined ? t('没有', 'none') : t('有', 'yes')) },
    ],
  })
}

function textTable({ t, lang, href }: OperatorVisit, texts: readonly ShownText[]): Html {
  return table({
    caption: t('办事指南、标准规范、关于', 'Guides, standards, about'),
    stacked: true,
    rows: texts,
    columns: [
      {
        head: t('标题', 'Title'),
        kind: 'row',
        cell: ({ slug, title }) =>
          html`<a href=${`${href('/texts/page')}?${new URLSearchParams({ slug })}`}>${pick(lang, title)}</a>`,
      },
      { head: t('地址', 'Address'), cell: ({ slug }) => html`<code>/${slug}</code>` },
      {
        head: t('来源', 'Source'),
        cell: ({ edited }) =>
          edited ? badge('info', t('本中心编写', 'Written here')) : badge('quiet', t('随软件提供', 'As shipped')),
      },
      { head: t('次序', 'Order'), kind: 'number', cell: ({ order }) => order },
    ],
  })
}

function footerFacts({ t, lang }: OperatorVisit, footer: Footer): Html {
  const given = FOOTER_FIELDS.filter((field) => footer[field] !== undefined)
  if (given.length === 0)
    return emptyState(
      t('页脚还没有填写', 'The footer is empty'),
      t(
        '备案号、主办单位等填写后显示在门户每一页的底部。',
        'Filing numbers and organiser appear at the foot of every page of the portal.',
      ),
    )
  return facts(given.map((field) => [pick(lang, FOOTER_LABELS[field]), pick(lang, footer[field] ?? { zh: '' })]))
}
