import type { FastifyInstance } from 'fastify'
import { toDcatCatalog } from '#schemas/catalog/dcat.ts'
import { closed, DATASET } from '#schemas/shapes.ts'
import type { Trust } from '#schemas/trust.ts'
import { queryOf } from '#web/serving/json-body.ts'
import type { Membership } from '../actions/own-membership.ts'
import { type Datasets, payloadOf } from '../store/datasets.ts'

interface Deps {
  readonly datasets: Datasets
  readonly trust: Pick<Trust, 'members'>
  readonly membership: () => Membership
  /** Address of this node for others, without a final slash. */
  readonly baseUrl: () => string
}

const AFTER = closed({ after: DATASET }, [])
const PAGE = 100

/** `GET /catalog`: what this node has published as DCAT 3, a hundred datasets a page. Descriptions only, for any member. */
export function createCatalogRoute({ datasets, trust, membership, baseUrl }: Deps) {
  const entryOf = (dataset: string) => {
    const row = datasets.standing(dataset)
    const shown = row?.kind === 'catalog-entry' ? datasets.published(dataset) : undefined
    return shown === undefined ? [] : [payloadOf(shown)]
  }

  return (app: FastifyInstance): void => {
    app.get('/catalog', async (request, reply) => {
      const { after = '' } = queryOf(request, AFTER)
      const rest = datasets.list().filter((dataset) => dataset > after)
      const page = rest.slice(0, PAGE)
      const base = baseUrl()
      const { member, name } = membership()
      const catalog = toDcatCatalog(page.flatMap(entryOf), {
        title: { zh: `${name} 数据目录`, en: `${name}: catalog` },
        publisher: { id: member, name },
        baseUrl: base,
        names: new Map([...trust.members()].map((one) => [one.id, one.name])),
        ...(rest.length > PAGE ? { next: `${base}/catalog?after=${encodeURIComponent(page.at(-1) as string)}` } : {}),
      })
      return reply.type('application/ld+json; charset=utf-8').send(JSON.stringify(catalog))
    })
  }
}
