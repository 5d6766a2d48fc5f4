import { Refusal } from '#schemas/refusal.ts'
import { hiddenField } from '#web/components/fields.ts'
import { badge, more, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import type { Edit, Notice } from '../store/contents.ts'
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

const NEW = 'new'

/** A notice: written, previewed, published, withdrawn. */
export const noticeEditing: OperatorGroup = (site, deps) => {
  const path = '/texts/notices/:id'
  site.get(path, { roles: ['administrator', 'auditor'] }, (visit) => noticePage(visit, deps))
  site.post(
    path,
    { roles: ['administrator'], again: (visit, failed) => noticePage(visit, deps, { fields: failed.fields, failed }) },
    async (visit, fields) => {
      const { t, params, href } = visit
      if (fields.get('do') === 'preview') return noticePage(visit, deps, { fields })
      const { id } = params
      await visit.act('notice-save', {
        ...typedText(fields),
        after: fields.number('after'),
        ...(id === NEW ? {} : { id }),
      })
      visit.flash('good', t('通知已发布。', 'The notice is published.'))
      return redirect(href('/texts'))
    },
  )
  site.post('/texts/notices/:id/withdraw', { roles: ['administrator'] }, async (visit) => {
    await visit.act('notice-withdraw', { id: visit.params['id'] })
    visit.flash('good', visit.t('通知已从门户撤下。', 'The notice is no longer on the portal.'))
    return redirect(visit.href('/texts'))
  })
}

async function noticePage(visit: OperatorVisit, deps: OperatorDeps, returned?: Returned): Promise<Page> {
  const { t, href, params } = visit
  const id = params['id'] as string
  const notice = id === NEW ? undefined : await findNotice(visit, id)
  const text = (returned && typedText(returned.fields)) ?? notice ?? { title: { zh: '' }, body: { zh: '' } }
  const edits = notice === undefined ? [] : await visit.act<Edit<Notice>[]>('contents-history', { kind: 'notice', id })
  const title = notice === undefined ? t('写通知', 'Write a notice') : t('修改通知', 'Edit the notice')
  return {
    title,
    beside: notice?.withdrawn && badge('quiet', t('已撤下', 'Withdrawn')),
    crumbs: [{ text: t('门户内容', 'Portal texts'), href: href('/texts') }, { text: title }],
    body: html`
      ${returned !== undefined && returned.failed === undefined && preview(visit, deps.portal, text)}
      ${
        holds(visit, 'administrator')
          ? textEditor(visit, {
              action: `/texts/notices/${id}`,
              text,
              failed: returned?.failed,
              fields: html`${savedMeanwhile(visit, edits, returned?.failed, formerText)}${writtenUpon(edits, returned)}`,
              save:
                notice?.withdrawn === true
                  ? t('重新发布', 'Publish again')
                  : notice === undefined
                    ? t('发布', 'Publish')
                    : t('保存并发布', 'Save and publish'),
            })
          : preview(visit, deps.portal, text)
      }
      ${notice !== undefined && !notice.withdrawn && holds(visit, 'administrator') && withdrawal(visit, id)}
      ${editHistory(visit, edits, formerText)}
    `,
  }
}

function withdrawal(visit: OperatorVisit, id: string): Html {
  const { t } = visit
  return more(
    t('撤下…', 'Withdraw…'),
    html`<form method="post" action=${visit.href(`/texts/notices/${id}/withdraw`)}>
      ${visit.formToken()}${hiddenField('id', id)}
      <p>${t('撤下后门户不再显示；原文保留，可以重新发布。', 'The portal shows it no more; the text is kept and can be published again.')}</p>
      ${submitButton(t('撤下', 'Withdraw'), { kind: 'danger' })}
    </form>`,
  )
}

async function findNotice(visit: OperatorVisit, id: string): Promise<Notice> {
  const { notices } = await visit.act<ShownContents>('contents-show')
  const found = notices.find((one) => one.id === id)
  if (found === undefined) throw new Refusal('NOT_FOUND', { notice: id })
  return found
}
