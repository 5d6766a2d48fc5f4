import { Refusal } from '#schemas/refusal.ts'
import { hiddenField, selectField, textField } from '#web/components/fields.ts'
import { badge, more, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { listTexts, SECTIONS, type ShownText } from '../portal/read-texts.ts'
import { SHIPPED } from '../portal/shipped-texts.ts'
import type { Edit, TextPage } from '../store/contents.ts'
import { holds, type OperatorDeps, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'
import {
  editHistory,
  formerText,
  preview,
  type Returned,
  type ShownContents,
  savedMeanwhile,
  textEditor,
  typedText,
  writtenUpon,
} from './text-editor.ts'

const SECTION_WORDS = {
  guides: { zh: '办事指南', en: 'Guides' },
  standards: { zh: '标准规范', en: 'Standards' },
} as const

/** Where a new text stands unless somebody says otherwise: after those shipped. */
const NEW_ORDER = 200

/** A guide, a standard, the page about the platform. */
export const pageEditing: OperatorGroup = (site, deps) => {
  site.get('/texts/page', { roles: ['administrator', 'auditor'] }, (visit) => textPage(visit, deps))
  site.post(
    '/texts/page',
    { roles: ['administrator'], again: (visit, failed) => textPage(visit, deps, { fields: failed.fields, failed }) },
    async (visit, fields) => {
      if (fields.get('do') === 'preview') return textPage(visit, deps, { fields })
      const slug = visit.query.get('slug') ?? `${fields.get('section')}/${fields.get('name')}`
      await requireNew(visit, slug)
      await visit.act('page-save', {
        slug,
        order: fields.number('order') ?? NEW_ORDER,
        after: fields.number('after'),
        ...typedText(fields),
      })
      visit.flash('good', visit.t('已保存，门户已更新。', 'Saved; the portal shows it.'))
      return redirect(visit.href('/texts'))
    },
  )
  site.post('/texts/page/reset', { roles: ['administrator'] }, async (visit, fields) => {
    await visit.act('page-reset', { slug: fields.get('slug') })
    visit.flash('good', visit.t('已恢复。', 'Done.'))
    return redirect(visit.href('/texts'))
  })
}

/** A new text must not take the place of another unnoticed. */
async function requireNew(visit: OperatorVisit, slug: string): Promise<void> {
  if (visit.query.has('slug')) return
  if ((await allTexts(visit)).some((one) => one.slug === slug))
    throw new Refusal('BODY_INVALID', {
      field: '/name',
      detail: { zh: '这个地址已经有一篇了', en: 'There is a text at this address already' },
    })
}

async function textPage(visit: OperatorVisit, deps: OperatorDeps, returned?: Returned): Promise<Page> {
  const { t, lang, href, query } = visit
  const slug = query.get('slug') ?? undefined
  const page = slug === undefined ? undefined : (await allTexts(visit)).find((one) => one.slug === slug)
  if (slug !== undefined && page === undefined) throw new Refusal('NOT_FOUND', { slug })
  const text = (returned && typedText(returned.fields)) ?? page ?? { title: { zh: '' }, body: { zh: '' } }
  const edits =
    slug === undefined ? [] : await visit.act<Edit<TextPage>[]>('contents-history', { kind: 'page', id: slug })
  const title = page === undefined ? t('增加一篇', 'Add a text') : pick(lang, page.title)
  const may = holds(visit, 'administrator')
  return {
    title,
    beside: page !== undefined && !page.edited && badge('quiet', t('随软件提供', 'As shipped')),
    crumbs: [{ text: t('门户内容', 'Portal texts'), href: href('/texts') }, { text: title }],
    body: html`
      ${(!may || (returned !== undefined && returned.failed === undefined)) && preview(visit, deps.portal, text)}
      ${
        may &&
        textEditor(visit, {
          action: `/texts/page${slug === undefined ? '' : `?${new URLSearchParams({ slug })}`}`,
          text,
          failed: returned?.failed,
          save: t('保存', 'Save'),
          fields: html`${savedMeanwhile(visit, edits, returned?.failed, formerText)}${writtenUpon(edits, returned)}${placeFields(visit, page, returned)}`,
        })
      }
      ${may && page?.edited === true && resetForm(visit, page)}
      ${editHistory(visit, edits, formerText)}
    `,
  }
}

function placeFields({ t, lang }: OperatorVisit, page: ShownText | undefined, returned: Returned | undefined): Html {
  const typed = (name: string, otherwise: string) => returned?.fields.get(name) ?? otherwise
  const failed = returned?.failed
  return html`
    ${
      page === undefined &&
      html`<div class="field-row">
        ${selectField({
          name: 'section',
          label: t('栏目', 'Column'),
          value: typed('section', 'guides'),
          options: SECTIONS.map((value) => ({ value, text: pick(lang, SECTION_WORDS[value]) })),
        })}
        ${textField({
          name: 'name',
          label: t('短名（地址的末段）', 'Short name (end of the address)'),
          hint: t('小写字母、数字和连字符', 'lower-case letters, digits, hyphens'),
          required: true,
          maxLength: 64,
          value: typed('name', ''),
          error: failed?.errorAt('name') ?? failed?.errorAt('slug'),
        })}
      </div>`
    }
    ${textField({
      name: 'order',
      type: 'number',
      label: t('次序', 'Order'),
      hint: t('数字小的在前', 'smaller numbers first'),
      min: 0,
      max: 10_000,
      value: typed('order', String(page?.order ?? NEW_ORDER)),
      error: failed?.errorAt('order'),
    })}
  `
}

function resetForm(visit: OperatorVisit, { slug }: ShownText): Html {
  const { t } = visit
  const shipped = SHIPPED.some((one) => one.slug === slug)
  return more(
    shipped ? t('恢复随软件提供的原文…', 'Back to the text as shipped…') : t('从门户移除…', 'Take it off the portal…'),
    html`<form method="post" action=${visit.href('/texts/page/reset')}>
      ${visit.formToken()}${hiddenField('slug', slug)}
      <p>${t('您编写的文字会保留在修改历史里。', 'What you wrote stays in the history.')}</p>
      ${submitButton(shipped ? t('恢复原文', 'Reset') : t('移除', 'Remove'), { kind: 'danger' })}
    </form>`,
  )
}

async function allTexts(visit: OperatorVisit): Promise<ShownText[]> {
  const { pages } = await visit.act<ShownContents>('contents-show')
  return listTexts({ pages: async () => pages })
}
