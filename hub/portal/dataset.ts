import type { CatalogEntry } from '#schemas/kinds.ts'
import { datasetFacts, fieldTable, fileTable } from '#web/components/dataset-view.ts'
import { sampleChart, sampleTable } from '#web/components/sample-table.ts'
import { badge, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { langOf, pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { showDay } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { nameFacetValue } from '#web/texts/facets.ts'
import { SHARING_TONES } from '#web/texts/tones.ts'
import { showDataset, showHistory } from '../actions/show-dataset.ts'
import { datasetActions, datasetAside } from './dataset-aside.ts'
import { historySection } from './dataset-history.ts'
import { qualitySection } from './dataset-quality.ts'
import { relationsSection } from './dataset-relations.ts'
import { rightsSection } from './dataset-rights.ts'
import { withdrawnPage } from './dataset-withdrawn.ts'
import { lostPage } from './lost-page.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { providerBadge, providerNotice } from './standing-badge.ts'

/** A dataset's page, at its address for ever: published, withdrawn, or never there. */
export const datasetPages: PageGroup = (pages, deps) => {
  pages.get('/datasets/:member/:slug', async (visit) => {
    const dataset = `${visit.params['member']}/${visit.params['slug']}`
    const found = showDataset(deps.x, dataset)
    if (found === undefined) return lostPage(visit, deps.index)
    if (found.state === 'withdrawn') return withdrawnPage(visit, found, (member) => nameOf(deps, member))
    return datasetPage(visit, deps, found.payload)
  })
}

async function datasetPage(visit: Visit, deps: PortalDeps, entry: CatalogEntry): Promise<Page> {
  const { t, lang, href } = visit
  const { x } = deps
  const { meta, dataset, version } = entry
  const providerName = nameOf(deps, entry.member)
  const standing = x.trust.findMember(entry.member)?.standing ?? 'revoked'
  const served = standing === 'good'
  return {
    title: pick(lang, meta.title),
    titleLang: langOf(lang, meta.title),
    layout: 'wide',
    beside: html`${badge(SHARING_TONES[meta.sharing] ?? 'quiet', nameFacetValue(lang, 'sharing', meta.sharing))}${providerBadge(visit, standing)}`,
    lead: html`<a href=${href(`/members/${entry.member}`)}>${providerName}</a> · ${t(`第 ${version} 版`, `Version ${version}`)} · ${showDay(lang, entry.modified)}`,
    crumbs: [
      { text: t('首页', 'Home'), href: href('/') },
      { text: t('数据目录', 'Catalogue'), href: href('/datasets') },
      {
        text: nameFacetValue(lang, 'class', String(meta.contentClass)),
        href: href(`/datasets?class=${meta.contentClass}`),
      },
      { text: pick(lang, meta.title) },
    ],
    description:
      meta.description === undefined ? `${providerName}：${meta.title.zh}` : pick(lang, meta.description).slice(0, 200),
    feeds: [
      {
        href: href(`/datasets/${dataset}/feed.atom`),
        title: t('本数据集的更新 (Atom)', 'News of this dataset (Atom)'),
        type: 'application/atom+xml',
      },
      {
        href: href(`/datasets/${dataset}/feed.json`),
        title: t('本数据集的更新 (JSON Feed)', 'News of this dataset (JSON Feed)'),
        type: 'application/feed+json',
      },
      { href: `/datasets/${dataset}/dcat.json`, title: 'DCAT', type: 'application/ld+json' },
    ],
    scripts: ['copy.js'],
    body: html`${providerNotice(visit, providerName, standing)}${datasetActions(visit, entry, served && meta.sharing !== 'none')}${contentsOf(visit, entry)}<div class="split right">
      <div class="stack wide-gaps">
        ${section(t('元数据', 'Metadata'), datasetFacts(lang, entry, contextOf(visit, deps, entry)), { id: 'metadata' })}
        ${section(t('信息项', 'Fields'), fieldTable(lang, entry.fields ?? []), { id: 'fields' })}
        ${await sampleSection(visit, entry)}
        ${section(t('文件', 'Files'), fileTable(lang, entry.files), { id: 'files' })}
        ${rightsSection(visit, entry, served)}
        ${qualitySection(visit, entry, { now: x.clock.now(), standing })}
        ${historySection(visit, showHistory(x, dataset))}
        ${relationsSection(visit, entry, deps.index)}
      </div>
      ${datasetAside(visit, entry, { providerName, use: x.pulls.useOf(dataset), hub: deps.hub(), now: x.clock.now() })}
    </div>`,
  }
}

/** A long page: where what stands. */
function contentsOf({ t }: Visit, { sample }: CatalogEntry): Html {
  const parts = [
    ['metadata', t('元数据', 'Metadata')],
    ['fields', t('信息项', 'Fields')],
    ...(sample === undefined ? [] : [['sample', t('公开样例', 'Public sample')]]),
    ['files', t('文件', 'Files')],
    ['apply', t('权利与申请', 'Rights and how to apply')],
    ['quality', t('质量与时效', 'Quality and timeliness')],
    ['versions', t('版本与变更', 'Versions and changes')],
    ['related', t('关联数据', 'Related datasets')],
    ['use', t('使用与引用', 'Use and citation')],
  ]
  return html`<nav class="parts no-print" aria-label=${t('本页内容', 'On this page')}>${parts.map(([id, name]) => html`<a href=${`#${id}`}>${name}</a>`)}</nav>`
}

function contextOf({ t, lang, href }: Visit, deps: PortalDeps, { meta, member, owners }: CatalogEntry) {
  const link = (id: string) => html`<a href=${href(`/members/${id}`)}>${nameOf(deps, id)}</a>`
  const related = [...new Set(Object.values(meta.relations ?? {}).flat())]
  return {
    provider: link(member),
    owners: joined(t('、', ', '), owners.map(link)),
    ...(related.length > 0 && {
      related: joined(
        t('、', ', '),
        related.map((id) => {
          const item = deps.index.find(id)
          return item === undefined ? id : html`<a href=${href(`/datasets/${id}`)}>${pick(lang, item.title)}</a>`
        }),
      ),
    }),
  }
}

/** The rows that the owner shows to everybody; a dataset without any has no such section. */
async function sampleSection({ t, lang }: Visit, { sample }: CatalogEntry): Promise<Html> {
  if (sample === undefined) return null
  return section(
    t('公开样例', 'Public sample'),
    html`<div class="stack">
      <p class="quiet-text">${t(`提供方选择公开的 ${sample.rows.length} 行；完整数据须申请。`, `${sample.rows.length} rows that the provider chose to show; the whole takes an application.`)}</p>
      ${sampleTable(lang, sample)}
      ${await sampleChart(lang, sample)}
    </div>`,
    { id: 'sample' },
  )
}

function joined(between: string, parts: readonly Html[]): Html {
  return parts.map((part, at) => (at === 0 ? part : html`${between}${part}`))
}

function nameOf({ x }: PortalDeps, member: string): string {
  return x.trust.findMember(member)?.name ?? member
}
