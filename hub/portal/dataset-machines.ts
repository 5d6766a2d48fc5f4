import { toDcatCatalog } from '#schemas/catalog/dcat.ts'
import { toGovMetadata } from '#schemas/catalog/gov-metadata.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { requirePublished } from '../actions/read-entry.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { tagged } from './tagged.ts'

/** A dataset for machines: DCAT 3, and the core metadata of 政务信息资源目录编制指南. */
export const datasetMachinePages: PageGroup = (pages, deps) => {
  const entryOf = (params: Readonly<Record<string, string>>) =>
    requirePublished(deps.x, `${params['member']}/${params['slug']}`).payload
  pages.get('/datasets/:member/:slug/dcat.json', ({ params }, request) =>
    tagged(request, 'application/ld+json; charset=utf-8', JSON.stringify(dcatOf(deps, entryOf(params)))),
  )
  pages.get('/datasets/:member/:slug/metadata.json', ({ params }, request) => {
    const entry = entryOf(params)
    const memberName = deps.x.trust.findMember(entry.member)?.name ?? entry.member
    return tagged(request, 'application/json; charset=utf-8', JSON.stringify(toGovMetadata(entry, { memberName })))
  })
}

function dcatOf({ x, hub }: PortalDeps, entry: CatalogEntry): object {
  const { name, public: baseUrl } = hub()
  return toDcatCatalog([entry], {
    title: { zh: `${name} 数据目录`, en: `${name}: catalog` },
    publisher: { name },
    baseUrl,
    names: new Map([...x.trust.members()].map((member) => [member.id, member.name])),
  })
}
