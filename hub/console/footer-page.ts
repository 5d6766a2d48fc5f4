import { textField } from '#web/components/fields.ts'
import { facts, submitButton } from '#web/components/words.ts'
import type { Fields } from '#web/pages/forms.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { FOOTER_LABELS } from '../portal/footer-lines.ts'
import { type Bilingual, type Edit, FOOTER_FIELDS, type Footer } from '../store/contents.ts'
import type { Failed, OperatorGroup, OperatorVisit } from './operator-pages.ts'
import { editHistory, type ShownContents, savedMeanwhile, writtenUpon } from './text-editor.ts'

const LINE_MOST = 200

/** Filing numbers and names at the foot of every page of the portal. */
export const footerEditing: OperatorGroup = (site) => {
  site.get('/texts/footer', { roles: ['administrator'] }, (visit) => footerPage(visit, undefined))
  site.post('/texts/footer', { roles: ['administrator'], again: footerPage }, async (visit, fields) => {
    await visit.act('footer-save', { footer: typedFooter(fields), after: fields.number('after') })
    visit.flash('good', visit.t('页脚已更新。', 'The footer is renewed.'))
    return redirect(visit.href('/texts'))
  })
}

/** A line without Chinese is none. */
function typedFooter(fields: Fields): Record<string, Bilingual> {
  return Object.fromEntries(
    FOOTER_FIELDS.flatMap((field) => {
      const [zh, en] = [fields.get(`${field}/zh`), fields.get(`${field}/en`)]
      return zh === '' ? [] : [[field, { zh, ...(en === '' ? {} : { en }) }]]
    }),
  )
}

async function footerPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t, lang, href } = visit
  const { footer } = await visit.act<ShownContents>('contents-show')
  const edits = await visit.act<Edit<Footer>[]>('contents-history', { kind: 'footer', id: 'footer' })
  const value = (name: string, held: string | undefined) => failed?.fields.get(name) ?? held ?? ''
  return {
    title: t('页脚', 'Footer'),
    lead: t(
      '没有填写的不显示。备案号会链接到主管部门的查询网站。',
      'What is empty is not shown. Filing numbers link to the registers that issued them.',
    ),
    crumbs: [{ text: t('门户内容', 'Portal texts'), href: href('/texts') }, { text: t('页脚', 'Footer') }],
    body: html`
      <form method="post" action=${href('/texts/footer')}>
        ${visit.formToken()}
        ${failed?.box}
        ${savedMeanwhile(visit, edits, failed, (saved) => formerFooter(visit, saved))}
        ${writtenUpon(edits, failed && { fields: failed.fields, failed })}
        ${FOOTER_FIELDS.map((field) => {
          const name = pick(lang, FOOTER_LABELS[field])
          return html`<div class="field-row">
            ${textField({ name: `${field}/zh`, label: name, maxLength: LINE_MOST, value: value(`${field}/zh`, footer[field]?.zh) })}
            ${textField({ name: `${field}/en`, label: t(`${name}（英文）`, `${name} (English)`), maxLength: LINE_MOST, value: value(`${field}/en`, footer[field]?.en) })}
          </div>`
        })}
        ${submitButton(t('保存', 'Save'))}
      </form>
      ${editHistory(visit, edits, (former) => formerFooter(visit, former))}
    `,
  }
}

function formerFooter({ lang }: OperatorVisit, footer: Footer): Html {
  return facts(
    FOOTER_FIELDS.map((field) => [
      pick(lang, FOOTER_LABELS[field]),
      [footer[field]?.zh, footer[field]?.en].filter(Boolean).join(' · '),
    ]),
  )
}
