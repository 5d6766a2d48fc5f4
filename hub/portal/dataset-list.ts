import { toBeijing } from '#schemas/clock.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { datasetCard } from '#web/components/dataset-card.ts'
import { type Html, html, renderHtml } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { CatalogItem } from '../index/entry-row.ts'
import type { PortalDeps } from './portal-deps.ts'
import { providerBadge } from './standing-badge.ts'

/** Datasets as cards; one whose provider is suspended or revoked is marked, since nobody can pull it now. */
export function datasetList(visit: Visit, { x }: Pick<PortalDeps, 'x'>, items: readonly CatalogItem[]): Html {
  const now = x.clock.now()
  const cards = items.map((item) => renderCard(visit, item, now, x.trust.findMember(item.member)?.standing))
  return html`<ul class="result-list" dangerouslySetInnerHTML=${{ __html: cards.join('') }}></ul>`
}

/** Cards as rendered before, by all that they show, the day among it: the same datasets stand in most lists. */
const rendered = new Map<string, string>()
const mostRendered = 1_000

function renderCard(
  visit: Visit,
  item: CatalogItem,
  now: number,
  standing: MemberEntry['standing'] | undefined,
): string {
  const key = JSON.stringify([visit.lang, toBeijing(now).slice(0, 10), standing, item])
  const known = rendered.get(key)
  if (known !== undefined) return known
  const card = renderHtml(datasetCard(visit, item, now, { marks: providerBadge(visit, standing) }))
  if (rendered.size >= mostRendered) rendered.clear()
  rendered.set(key, card)
  return card
}
