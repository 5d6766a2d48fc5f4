import { datasetCard } from '#web/components/dataset-card.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { CatalogItem } from '../index/entry-row.ts'
import type { PortalDeps } from './portal-deps.ts'
import { providerBadge } from './standing-badge.ts'

/** Datasets as cards; one whose provider is suspended or revoked is marked, since nobody can pull it now. */
export function datasetList(visit: Visit, { x }: Pick<PortalDeps, 'x'>, items: readonly CatalogItem[]): Html {
  const now = x.clock.now()
  return html`<ul class="result-list">${items.map((item) =>
    datasetCard(visit, item, now, { marks: providerBadge(visit, x.trust.findMember(item.member)?.standing) }),
  )}</ul>`
}
