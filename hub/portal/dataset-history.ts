import { table } from '#web/components/table.ts'
import { section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showBytes, showDay } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { DatasetHistory, ShownVersion } from '../actions/show-dataset.ts'
import { describeChanges } from './version-changes.ts'

/** Versions, newest first, each with what changed against the one before it. */
export function historySection(visit: Visit, { versions, withdrawals }: DatasetHistory): Html {
  const { t, lang } = visit
  return section(
    t('版本与变更', 'Versions and changes'),
    html`${table({
      caption: t('版本', 'Versions'),
      stacked: true,
      rows: versions.map((shown, at) => ({ ...shown, before: versions[at + 1] })),
      columns: [
        { head: t('版本', 'Version'), kind: 'row', cell: ({ version }) => t(`第 ${version} 版`, `Version ${version}`) },
        { head: t('发布日期', 'Published'), cell: ({ first }) => showDay(lang, first.modified) },
        { head: t('数据量', 'Size'), kind: 'number', cell: ({ last }) => showBytes(lang, last.bytes) },
        { head: t('与上一版相比', 'Against the version before'), cell: (row) => changesOf(visit, row) },
      ],
    })}${withdrawalList(visit, withdrawals)}`,
    { id: 'versions' },
  )
}

function changesOf(
  visit: Visit,
  { first, last, corrections, before }: ShownVersion & { before: ShownVersion | undefined },
): Html {
  const { t, lang } = visit
  const said = before === undefined ? undefined : describeChanges(visit, before.last, first)
  return html`${
    said === undefined
      ? first.version === 1
        ? t('首次发布', 'The first one')
        : t('更早的版本不再列出', 'Earlier versions are not listed')
      : said.length === 0
        ? t('内容更新，结构不变', 'New content, same structure')
        : html`<ul>${said.map((one) => html`<li>${one}</li>`)}</ul>`
  }${corrections > 0 && html`<p class="small quiet-text">${t(`其后更正说明 ${corrections} 次，最近 ${showDay(lang, last.modified)}`, `Description corrected ${corrections} time${corrections === 1 ? '' : 's'} since, last ${showDay(lang, last.modified)}`)}</p>`}`
}

function withdrawalList({ t, lang }: Visit, withdrawals: DatasetHistory['withdrawals']): Html {
  return withdrawals.length === 0
    ? null
    : html`<ul class="small">${withdrawals.map(({ iat, reason }) => html`<li>${t(`${showDay(lang, iat)} 曾撤回：${reason}`, `Withdrawn on ${showDay(lang, iat)}: ${reason}`)}</li>`)}</ul>`
}
