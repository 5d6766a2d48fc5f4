import type { CatalogEntry } from '#schemas/kinds.ts'
import { emptyState, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { langOf, pick, type TextOf } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { RelationRole } from '../index/entry-store.ts'
import type { SearchIndex } from '../index/search-index.ts'

interface Related {
  readonly dataset: string
  readonly role: RelationRole
  /** Undefined where the catalogue has none of that name (any more). */
  readonly title: TextOf | undefined
  readonly by: string
}

/** What one entry calls the other, seen from the other end. */
const MIRROR = { upstream: 'downstream', downstream: 'upstream', related: 'related' } as const

type Needs = Pick<SearchIndex, 'find' | 'naming'>

/** Other datasets of the chain: those this entry names, and those that name it. */
export function relationsSection(visit: Visit, entry: CatalogEntry, index: Needs): Html {
  const { t, lang, href } = visit
  const found = relatedTo(visit, entry, index)
  const groups: readonly [RelationRole, string][] = [
    ['upstream', t('上游', 'Upstream')],
    ['downstream', t('下游', 'Downstream')],
    ['related', t('相关', 'Related')],
  ]
  const shown = groups
    .map(([role, name]) => ({ name, links: found.filter((one) => one.role === role) }))
    .filter(({ links }) => links.length > 0)
  return section(
    t('关联数据', 'Related datasets'),
    shown.length === 0
      ? emptyState(
          t('没有登记关联数据', 'No relations are given'),
          t(
            '提供方可在发布时填写上游、下游和相关数据集。',
            'Providers may name upstream, downstream and related datasets when they publish.',
          ),
        )
      : html`<div class="stack">${shown.map(({ name, links }) => html`<div><h3>${name}</h3><ul>${links.map(({ dataset, title, by }) => html`<li>${title === undefined ? html`${dataset}${t('（目录中没有）', ' (not in the catalogue)')}` : html`<a href=${href(`/datasets/${dataset}`)} lang=${langOf(lang, title)}>${pick(lang, title)}</a>`} <span class="small quiet-text">${by}</span></li>`)}</ul></div>`)}</div>`,
    { id: 'related' },
  )
}

function relatedTo({ t }: Visit, { dataset, meta }: CatalogEntry, index: Needs): Related[] {
  const named = (['upstream', 'downstream', 'related'] as const).flatMap((role) =>
    (meta.relations?.[role] ?? []).map((other): Related => {
      const item = index.find(other)
      return { dataset: other, role, title: item?.title, by: item?.memberName ?? '' }
    }),
  )
  const known = new Set(named.map((one) => `${one.role} ${one.dataset}`))
  const naming = index
    .naming(dataset)
    .map(
      ({ item, role }): Related => ({
        dataset: item.dataset,
        role: MIRROR[role],
        title: item.title,
        by: t(`${item.memberName}，由对方登记`, `${item.memberName}, named by them`),
      }),
    )
    .filter((one) => !known.has(`${one.role} ${one.dataset}`))
  return [...named, ...naming]
}
