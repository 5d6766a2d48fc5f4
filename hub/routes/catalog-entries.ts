import type { FastifyInstance } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed, DATASET } from '#schemas/shapes.ts'
import { jsonBody, queryOf } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { readDataset, readEntry, readWaiting } from '../actions/read-entry.ts'
import { receiveEntry } from '../actions/receive-entry.ts'
import { receiveTombstone } from '../actions/receive-tombstone.ts'
import { type HttpSearch, SEARCH_QUERY, searchCatalog } from '../actions/search-catalog.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchIndex } from '../index/search-index.ts'

const DOCUMENT = { type: 'string', minLength: 1 } as const
const BODY = closed({ entry: DOCUMENT, tombstone: DOCUMENT }, [])
const WHICH = closed({ dataset: DATASET, waiting: { type: 'string', enum: ['true'] } }, [])
/** An entry of 1 MiB as base64url, with its signatures, inside a JSON string. */
const BODY_BYTES = 1.5 * LIMITS.catalogEntryBytes

/** Protocol 4: publishing, cosigning, withdrawing, reading and searching. */
export function routeCatalogEntries(app: FastifyInstance, x: Exchange, index: Pick<SearchIndex, 'search'>): void {
  app.post('/v1/catalog-entries', { bodyLimit: BODY_BYTES }, async (request, reply) => {
    const { entry, tombstone } = jsonBody(request, BODY)
    const caller = callerOf(request)
    if ((entry === undefined) === (tombstone === undefined))
      throw new Refusal('BODY_INVALID', { rule: 'either entry or tombstone' })
    const listed = await x.commit(() =>
      entry === undefined ? receiveTombstone(x, tombstone as string, caller) : receiveEntry(x, entry, caller),
    )
    return reply.code(201).send(listed)
  })

  app.get('/v1/catalog-entries', async (request) => {
    const { dataset, waiting } = queryOf(request, WHICH)
    const member = callerOf(request).member.id
    if (waiting !== undefined) return { items: readWaiting(x, member), next: null }
    if (dataset === undefined) throw new Refusal('QUERY_INVALID', { field: '/dataset' })
    return readDataset(x, dataset, member)
  })

  app.get('/v1/catalog-entries/search', async (request) =>
    searchCatalog(index, queryOf(request, SEARCH_QUERY) as HttpSearch),
  )

  app.get<{ Params: { id: string } }>('/v1/catalog-entries/:id', async (request) =>
    readEntry(x, request.params.id, callerOf(request).member.id),
  )
}
