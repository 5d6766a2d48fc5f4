import { datasetUrn } from '#schemas/catalog/odrl.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import type { CatalogEntry, Payload } from '#schemas/kinds.ts'
import { showPeriod } from '#web/components/dataset-card.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { nameFacetValue } from '#web/texts/facets.ts'
import type { DatasetHistory, ShownVersion } from '../actions/show-dataset.ts'
import type { CatalogItem } from '../index/entry-row.ts'
import type { FeedEntry } from './feed-format.ts'
import { describeChanges } from './version-changes.ts'

/** News of a search: one entry per dataset and version, however often its description was corrected. Newest first. */
export function entriesOfItems(visit: Visit, items: readonly CatalogItem[], base: string): FeedEntry[] {
  return items
    .map((item) => entryOf(visit, item, base))
    .sort((one, other) => (one.updated < other.updated ? 1 : one.updated > other.updated ? -1 : 0))
}

function entryOf(visit: Visit, item: CatalogItem, base: string): FeedEntry {
  const { lang, href, t } = visit
  const { dataset, version, period, description } = item
  const kind = nameFacetValue(lang, 'class', String(item.contentClass))
  return {
    id: versionUrn(dataset, version),
    title: titleOf(visit, pick(lang, item.title), version),
    href: `${base}${href(`/datasets/${dataset}`)}`,
    updated: item.released,
    author: item.memberName,
    summary: [
      nameFacetValue(lang, 'sharing', item.sharing),
      ...(period === undefined ? [] : [showPeriod(period)]),
      showBytes(lang, item.bytes),
      ...(description === undefined ? [] : [pick(lang, description)]),
    ].join(t('；', '; ')),
    categories: [kind],
  }
}

/** News of one dataset: its versions with what changed, and its withdrawals. Newest first. */
export function entriesOfHistory(
  visit: Visit,
  { versions, withdrawals }: DatasetHistory,
  { author, base }: { readonly author: string; readonly base: string },
): FeedEntry[] {
  const entries = versions.map((shown, at) => versionEntry(visit, shown, versions[at + 1]?.last))
  const gone = withdrawals.map((tombstone) => withdrawalEntry(visit, tombstone, versions[0]?.last))
  return [...entries, ...gone]
    .sort((one, other) => (one.updated < other.updated ? 1 : -1))
    .map((entry) => ({ ...entry, author, href: `${base}${entry.href}` }))
}

type Unsigned = Omit<FeedEntry, 'author'>

function versionEntry(
  visit: Visit,
  { version, first, last }: ShownVersion,
  before: CatalogEntry | undefined,
): Unsigned {
  const { lang, href, t } = visit
  const changes = before === undefined ? [] : describeChanges(visit, before, first)
  return {
    id: versionUrn(first.dataset, version),
    title: titleOf(visit, pick(lang, last.meta.title), version),
    href: href(`/datasets/${first.dataset}`),
    updated: first.modified,
    summary: changes.length > 0 ? changes.join(t('；', '; ')) : t('发布新版本', 'A version was published'),
    categories: [],
  }
}

function withdrawalEntry(
  { t, lang, href }: Visit,
  { dataset, sequence, reason, iat }: Payload<'tombstone'>,
  last: CatalogEntry | undefined,
): Unsigned {
  const title = last === undefined ? dataset : pick(lang, last.meta.title)
  return {
    id: `${datasetUrn(dataset)}:withdrawn:${sequence}`,
    title: t(`已撤回：${title}`, `Withdrawn: ${title}`),
    href: href(`/datasets/${dataset}`),
    updated: toRfc3339(iat),
    summary: reason,
    categories: [],
  }
}

function titleOf({ t }: Visit, title: string, version: number): string {
  return t(`${title}（第 ${version} 版）`, `${title} (version ${version})`)
}

function versionUrn(dataset: string, version: number): string {
  return `${datasetUrn(dataset)}:version:${version}`
}
