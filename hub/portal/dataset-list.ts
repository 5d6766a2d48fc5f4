import { toBeijing } from '#schemas/clock.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { datasetCard } from '#web/components/dataset-card.ts'
import { badge } from '#web/components/words.ts'
import { type Html, html, renderHtml } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { CatalogItem } from '../index/entry-row.ts'
import type { PortalDeps } from './portal-deps.ts'
import { providerBadge } from './standing-badge.ts'

/**
 * Datasets as cards; one whose provider is suspended or revoked is marked, since nobody can pull it now, and in the list of
 * an `owner` one that another publishes for both.
 */
export function datasetList(
  visit: Visit,
  { x }: Pick<PortalDeps, 'x'>,
  items: readonly CatalogItem[],
  owner?: string,
): Html {
  const now = x.clock.now()
  const cards = items.map((item) =>
    renderCard(visit, item, now, {
      standing: x.trust.findMember(item.member)?.standing,
      isShared: owner !== undefined && owner !== item.member,
    }),
  )
  return html`<ul class="result-list" dangerouslySetInnerHTML=${{ __html: cards.join('') }}></ul>`
}

/** Cards as rendered before, by all that they show, the day among it: the same datasets stand in most lists. */
const rendered = new Map<string, string>()
const mostRendered = 1_000

function renderCard(
  visit: Visit,
  item: CatalogItem,
  now: number,
  { standing, isShared }: { readonly standing: MemberEntry['standing'] | undefined; readonly isShared: boolean },
): string {
  const key = JSON.stringify([visit.lang, toBeijing(now).slice(0, 10), standing, isShared, item])
  const known = rendered.get(key)
  if (known !== undefined) return known
  const shared = isShared && badge('quiet', visit.t('共同所有', 'Jointly owned'))
  const marks = html`${shared}${providerBadge(visit, standing)}`
  const card = renderHtml(datasetCard(visit, item, now, { marks }))
  if (rendered.size >= mostRendered) rendered.clear()
  rendered.set(key, card)
  return card
}
