import { hiddenField, textField } from '#web/components/fields.ts'
import { markdown } from '#web/components/markdown.ts'
import { more, section, submitButton } from '#web/components/words.ts'
import type { Fields } from '#web/pages/forms.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showTime } from '#web/pages/show.ts'
import type { Bilingual, Edit, Footer, Notice, TextPage } from '../store/contents.ts'
import type { Failed, OperatorVisit } from './operator-pages.ts'

/** Everything that the portal says besides the catalogue. */
export interface ShownContents {
  readonly notices: readonly Notice[]
  readonly pages: TextPage[]
  readonly footer: Footer
}

/** A text as the form holds it. */
export interface Typed {
  readonly title: Bilingual
  readonly body: Bilingual
}

const TITLE_MOST = 200
const BODY_MOST = 100_000
const ROWS = 16

/** Says upon which edit the form was written; kept while it is only previewed or mended, so that nobody's text is replaced unseen. */
export function writtenUpon(edits: readonly Edit<unknown>[], returned: Returned | undefined): Html {
  const newest = String(edits[0]?.edit ?? 0)
  const fresh = returned === undefined || returned.failed?.problem.code === 'TEXT_CHANGED'
  return hiddenField('after', fresh ? newest : returned.fields.get('after'))
}

/** What another saved meanwhile, beside what was typed. */
export function savedMeanwhile<T>(
  { t }: OperatorVisit,
  edits: readonly Edit<T>[],
  failed: Failed,
  show: (value: T) => Html,
): Html {
  const value = edits[0]?.value
  if (failed?.problem.code !== 'TEXT_CHANGED' || value === undefined) return null
  return section(
    t('已保存的文字', 'What was saved'),
    value === null ? t('已恢复原文。', 'Back to the text as shipped.') : show(value),
    { card: true },
  )
}

/** A form that comes back: refused, or only previewed. */
export interface Returned {
  readonly fields: Fields
  readonly failed?: NonNullable<Failed>
}

/** What was typed, for the action and for showing it again. Line ends are those of a browser's form. */
export function typedText(fields: Fields): Typed {
  const both = (name: string): Bilingual => {
    const [zh, en] = [fields.get(`${name}/zh`), fields.get(`${name}/en`)].map((text) => text.replaceAll('\r\n', '\n'))
    return { zh: zh as string, ...(en ? { en } : {}) }
  }
  return { title: both('title'), body: both('body') }
}

/** The form for a title and a text in both languages; a preview is another press of the same form. */
export function textEditor(
  visit: OperatorVisit,
  {
    action,
    text,
    failed,
    fields,
    save,
  }: {
    readonly action: string
    readonly text: Typed
    readonly failed: Failed
    /** Fields that only this kind of text has. */
    readonly fields?: Html
    readonly save: string
  },
): Html {
  const { t } = visit
  const line = (name: string, label: string, value: string, more: { required?: boolean; lines?: number }) =>
    textField({
      name,
      label,
      value,
      error: failed?.errorAt(name),
      ...more,
      maxLength: more.lines ? BODY_MOST : TITLE_MOST,
    })
  return html`<form method="post" action=${visit.href(action)} class="wide">
    ${visit.formToken()}
    ${failed?.box}
    ${fields}
    ${line('title/zh', t('标题（中文）', 'Title (Chinese)'), text.title.zh, { required: true })}
    ${line('title/en', t('标题（英文，选填）', 'Title (English, optional)'), text.title.en ?? '', {})}
    ${line('body/zh', t('正文（中文）', 'Text (Chinese)'), text.body.zh, { required: true, lines: ROWS })}
    ${line('body/en', t('正文（英文，选填）', 'Text (English, optional)'), text.body.en ?? '', { lines: ROWS })}
    <p class="hint">${t('正文用 Markdown 书写：# 标题、- 列表、[文字](地址)、| 表格 |。HTML 不起作用，会原样显示。', 'Markdown: # heading, - list, [text](address), | table |. HTML has no effect and is shown as it is.')}</p>
    <div class="cluster">
      ${submitButton(save, { name: 'do', value: 'save' })}
      ${submitButton(t('预览', 'Preview'), { kind: 'plain', name: 'do', value: 'preview' })}
    </div>
  </form>`
}

/** The text as the portal will show it; its links lead there. */
export function preview({ t }: OperatorVisit, portal: string, { title, body }: Typed): Html {
  const place = { level: 4, site: portal }
  return section(
    t('预览', 'Preview'),
    html`<article class="card">
      <h3>${title.zh}</h3>${markdown(body.zh, place)}
      ${body.en !== undefined && html`<hr /><div lang="en"><h3>${title.en}</h3>${markdown(body.en, place)}</div>`}
    </article>`,
  )
}

/** Every edit with who and when; nothing that was written is lost. */
export function editHistory<T>({ t, lang }: OperatorVisit, edits: readonly Edit<T>[], show: (value: T) => Html): Html {
  if (edits.length === 0) return null
  return section(
    t('修改历史', 'History'),
    html`<ul class="plain">${edits.map(
      ({ operator, at, value }) =>
        html`<li>${showTime(lang, at)} ${operator}
          ${value === null ? t('：恢复原文', ': back to the text as shipped') : more(t('查看', 'See'), show(value))}</li>`,
    )}</ul>`,
  )
}

/** A former text, as it was written. */
export function formerText({ title, body }: Typed): Html {
  return html`<p><strong>${title.zh}</strong>${title.en && html` · ${title.en}`}</p>
    <pre tabindex="0" class="raw">${body.zh}${body.en === undefined ? '' : `\n\n———\n\n${body.en}`}</pre>`
}
