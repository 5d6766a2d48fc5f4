import type { FastifyInstance } from 'fastify'
import { toDcatCatalog } from '#schemas/catalog/dcat.ts'
import { parseDocument } from '#schemas/document.ts'
import type { Directory } from '#schemas/kinds.ts'
import { closed, DATASET } from '#schemas/shapes.ts'
import { queryOf } from '#web/serving/json-body.ts'
import { listMembers, readStatistics } from '../actions/open-statistics.ts'
import { entryPayload, requirePublished } from '../actions/read-entry.ts'
import { type HttpSearch, SEARCH_QUERY, searchCatalog } from '../actions/search-catalog.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchIndex } from '../index/search-index.ts'
import { answerOpen } from './open-answer.ts'
import { openApi } from './open-api.ts'

const NOTHING = closed({}, [])
const AFTER = closed({ after: DATASET }, [])
const DCAT_PAGE = 100

/** The open catalog: everything here is public by its owner's signature, and nothing here names who uses what. */
export function routePublic(app: FastifyInstance, x: Exchange, index: Pick<SearchIndex, 'search'>): void {
  app.get('/api/v1/datasets', async (request, reply) =>
    answerOpen(request, reply, searchCatalog(index, queryOf(request, SEARCH_QUERY) as HttpSearch)),
  )

  app.get<{ Params: { member: string; slug: string } }>('/api/v1/datasets/:member/:slug', async (request, reply) => {
    const { row } = requirePublished(x, `${request.params.member}/${request.params.slug}`)
    const { text } = x.documents.get(row.id)
    return answerOpen(request, reply, {
      dataset: row.dataset,
      id: row.id,
      state: row.state,
      entry: parseDocument('catalog-entry', text).payload,
      document: text,
    })
  })

  app.get('/api/v1/members', async (request, reply) => {
    queryOf(request, NOTHING)
    return answerOpen(request, reply, { items: listMembers(x), next: null })
  })

  app.get('/api/v1/statistics', async (request, reply) => {
    queryOf(request, NOTHING)
    return answerOpen(request, reply, readStatistics(x))
  })

  app.get('/api/v1/openapi.json', async (request, reply) => answerOpen(request, reply, openApi(hubOf(x).public)))

  app.get('/catalog', async (request, reply) => {
    const { after = '' } = queryOf(request, AFTER)
    return answerOpen(request, reply, dcatPage(x, after), 'application/ld+json; charset=utf-8')
  })
}

function dcatPage(x: Exchange, after: string): object {
  const { name, public: baseUrl } = hubOf(x)
  const rows = x.entries.publishedAfter(after, DCAT_PAGE)
  const last = rows.at(-1)
  const more = rows.length === DCAT_PAGE && last !== undefined
  return toDcatCatalog(
    rows.map(({ id }) => entryPayload(x, id)),
    {
      title: { zh: `${name} 数据目录`, en: `${name}: catalog` },
      publisher: { name },
      baseUrl,
      names: new Map([...x.trust.members()].map((member) => [member.id, member.name])),
      ...(more ? { next: `${baseUrl}/catalog?after=${encodeURIComponent(last.dataset)}` } : {}),
    },
  )
}

function hubOf(x: Exchange): Directory['hub'] {
  return (x.trust.directory() as { payload: Directory }).payload.hub
}
