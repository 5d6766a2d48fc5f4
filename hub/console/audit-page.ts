import { Readable } from 'node:stream'
import { selectField, textField } from '#web/components/fields.ts'
import { pager } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { code, emptyState, linkButton, more, submitButton } from '#web/components/words.ts'
import { fieldsOf } from '#web/pages/forms.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, raw } from '#web/pages/page.ts'
import { showTime } from '#web/pages/show.ts'
import { AUDIT_GROUPS, type AuditLine } from '../actions/read-audit.ts'
import { writeCsv } from './audit-csv.ts'
import { GROUP_WORDS, VIA_WORDS } from './audit-words.ts'
import { momentOf } from './moment.ts'
import type { OperatorDeps, OperatorGroup, OperatorVisit } from './operator-pages.ts'

interface AuditPage {
  readonly items: readonly AuditLine[]
  readonly next: number | null
}

/** Who did what, when and why: the journal in words. */
export const auditPages: OperatorGroup = (site, deps) => {
  site.get('/audit', { roles: ['auditor', 'administrator'] }, (visit) => auditPage(visit, deps))
  site.get('/audit.csv', { roles: ['auditor', 'administrator'] }, (visit) => {
    const query = queryOf(visit)
    const body = Readable.from(
      writeCsv(visit.lang, (before) => visit.act<AuditPage>('audit', { ...query, before, limit: 500 })),
    )
    return raw('text/csv; charset=utf-8', body, { 'content-disposition': 'attachment; filename="audit.csv"' })
  })
}

async function auditPage(visit: OperatorVisit, deps: OperatorDeps): Promise<Page> {
  const { t, lang, query, href } = visit
  const before = Number(query.get('before') ?? '')
  const paged = Number.isSafeInteger(before) && before > 0
  const found = await visit.act<AuditPage>('audit', { ...queryOf(visit), ...(paged ? { before } : {}) })
  const filter = new URLSearchParams([...query].filter(([key, value]) => key !== 'before' && value !== ''))
  const address = (path: string, from?: number) => {
    const search = new URLSearchParams(filter)
    if (from !== undefined) search.set('before', String(from))
    return `${href(path)}${search.size === 0 ? '' : `?${search}`}`
  }
  return {
    title: t('审计记录', 'Audit trail'),
    lead: t(
      '共享中心的每一次变化，最近的在前。记录不能修改。',
      'Every change at the hub, latest first. It cannot be edited.',
    ),
    beside: linkButton(address('/audit.csv'), t('导出 CSV', 'Export CSV')),
    body: html`
      <form method="get" action=${href('/audit')} class="filter">
        ${selectField({
          name: 'group',
          label: t('种类', 'Kind'),
          value: query.get('group') ?? '',
          blank: t('全部（不含自动签发）', 'All but what is issued by itself'),
          options: [
            ...Object.entries(GROUP_WORDS).map(([value, word]) => ({ value, text: pick(lang, word) })),
            { value: 'everything', text: t('全部记录', 'Everything') },
          ],
        })}
        ${textField({ name: 'who', label: t('人员、成员或内容', 'Person, member or words'), value: query.get('who') ?? '', maxLength: 100 })}
        ${textField({ name: 'from', type: 'date', label: t('从', 'From'), value: query.get('from') ?? '' })}
        ${textField({ name: 'to', type: 'date', label: t('到', 'To'), value: query.get('to') ?? '' })}
        ${submitButton(t('筛选', 'Filter'), { kind: 'plain' })}
      </form>
      ${lineTable(visit, deps, found.items)}
      ${pager(t, { first: paged ? address('/audit') : undefined, next: found.next === null ? undefined : address('/audit', found.next) })}
    `,
  }
}

/** The filter of the address as the action takes it; whatever is not understood is left out. */
function queryOf({ query }: OperatorVisit): object {
  const fields = fieldsOf(Object.fromEntries(query))
  const group = fields.get('group')
  const from = momentOf(fields, 'from')
  const to = momentOf(fields, 'to', true)
  return {
    ...(Object.hasOwn(AUDIT_GROUPS, group) || group === 'everything' ? { group } : {}),
    ...(fields.get('who') === '' ? {} : { who: fields.get('who').slice(0, 100) }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

function lineTable(visit: OperatorVisit, deps: OperatorDeps, items: readonly AuditLine[]): Html {
  const { t, lang } = visit
  return table({
    caption: t('审计记录', 'Audit trail'),
    stacked: true,
    rows: items,
    empty: emptyState(t('没有符合的记录', 'Nothing fits'), t('请放宽筛选条件。', 'Widen the filter.')),
    columns: [
      { head: t('时间', 'Time'), cell: ({ time }) => html`<time datetime=${time}>${showTime(lang, time)}</time>` },
      {
        head: t('谁', 'Who'),
        cell: ({ actors, via }) => html`${actors.length === 0 ? t('共享中心', 'The hub') : actors.join(t('、', ', '))}
          ${via !== null && VIA_WORDS[via] !== undefined && html`<div class="small quiet-text">${pick(lang, VIA_WORDS[via])}</div>`}`,
      },
      {
        head: t('事项', 'What'),
        kind: 'row',
        cell: (line) =>
          html`${linked(visit, deps, line)}${line.reason !== null && html`<div class="small reason">${t('理由：', 'Reason: ')}${line.reason}</div>`}`,
      },
      {
        head: t('编号', 'No.'),
        kind: 'small',
        cell: ({ seq, hash }) => more(String(seq), code(hash)),
      },
    ],
  })
}

function linked({ lang, href }: OperatorVisit, { portal }: OperatorDeps, { summary, about }: AuditLine): Html {
  const text = pick(lang, summary)
  if (about === null) return text
  const { kind, id } = about
  const paths = { agreement: `/agreements/${id}`, member: `/members/${id}`, admission: `/admissions/${id}` }
  const to = kind === 'dataset' ? `${portal}${lang === 'en' ? '/en' : ''}/datasets/${id}` : href(paths[kind])
  return html`<a href=${to}>${text}</a>`
}
