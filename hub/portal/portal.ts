import type { FastifyInstance } from 'fastify'
import type { Directory } from '#schemas/kinds.ts'
import { servePages } from '#web/pages/serve-pages.ts'
import type { Visit } from '#web/pages/visit.ts'
import { datasetPages } from './dataset.ts'
import { datasetCheckPages } from './dataset-check.ts'
import { datasetMachinePages } from './dataset-machines.ts'
import { feedPages } from './feeds.ts'
import { homePages } from './home.ts'
import { lostPage } from './lost-page.ts'
import { memberPages } from './members.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { portalFrame } from './portal-frame.ts'
import { searchPages } from './search.ts'
import { siteMapPages } from './site-map.ts'
import { statisticsPages } from './statistics.ts'
import { suggestPages } from './suggest.ts'
import { textPages } from './texts.ts'
import { trustPages } from './trust.ts'

/** Every part of the portal; each registers its own pages. */
const GROUPS: readonly PageGroup[] = [
  homePages,
  searchPages,
  suggestPages,
  datasetPages,
  datasetCheckPages,
  datasetMachinePages,
  feedPages,
  siteMapPages,
  memberPages,
  statisticsPages,
  trustPages,
  textPages,
]

/** The public face of the hub (信息公示和服务门户): no login, nothing but what is public. */
export async function servePortal(app: FastifyInstance, given: Omit<PortalDeps, 'hub'>): Promise<void> {
  const { trust } = given.x
  const hub = () => (trust.directory() as { payload: Directory }).payload.hub
  const deps = { ...given, hub }
  const options = {
    frame: (visit: Visit) => portalFrame(visit, deps),
    cacheControl: 'public, max-age=2',
    secure: trust.directory()?.payload.hub.public.startsWith('https:') === true,
    compress: true,
    lostPage: (visit: Visit) => lostPage(visit, deps.index),
  }
  await servePages(app, options, (pages) => {
    for (const register of GROUPS) register(pages, deps)
  })
}
