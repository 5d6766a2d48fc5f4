import { CATALOG_ENTRY } from '#schemas/documents/catalog.ts'
import { MEMBER_CLASS } from '#schemas/shapes.ts'
import { SEARCH_QUERY } from '../actions/search-catalog.ts'

const TEXT = {
  type: 'object',
  properties: { zh: { type: 'string' }, en: { type: 'string' } },
  required: ['zh', 'en'],
} as const
const COUNTS = { pulls: { type: 'integer' }, bytes: { type: 'integer' } } as const

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457 problem; `code` from the catalogue of refusals.',
  properties: {
    type: { type: 'string' },
    title: TEXT,
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: TEXT,
    remedy: TEXT,
    rule: { type: 'string' },
    requestId: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'remedy', 'rule', 'requestId'],
} as const

const ITEM = {
  type: 'object',
  description: 'A dataset as lists show it.',
  properties: {
    dataset: { type: 'string' },
    title: { type: 'object' },
    member: { type: 'string' },
    memberName: { type: 'string' },
    memberClass: MEMBER_CLASS,
    version: { type: 'integer' },
    sharing: { type: 'string' },
    used: { type: 'integer' },
  },
  required: ['dataset', 'title', 'member', 'memberName', 'memberClass', 'version', 'sharing', 'used'],
} as const

const MEMBER = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    class: MEMBER_CLASS,
    standing: { type: 'string' },
    datasets: { type: 'integer' },
  },
  required: ['id', 'name', 'class', 'standing', 'datasets'],
} as const

const CURSOR = { type: ['string', 'null'], description: 'Cursor of the next page; null at the end.' } as const

/** OpenAPI 3.1 description of the open API, out of the very schemas that check it. `server`: the hub's public address. */
export function openApi(server: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: '行汇 Hanghui open catalog',
      version: '1',
      description: 'Public metadata of the exchange. Data themselves move from node to node under agreements only.',
    },
    servers: [{ url: server }],
    paths: {
      '/api/v1/datasets': {
        get: get(
          'searchDatasets',
          'Search the catalog; facets combine with and.',
          queryParameters(),
          page(ITEM, { total: { type: 'integer' }, facets: { type: 'object' } }),
        ),
      },
      '/api/v1/datasets/{member}/{slug}': {
        get: get(
          'readDataset',
          "A dataset's signed entry: the payload, and the text whose signatures can be verified.",
          [pathParameter('member'), pathParameter('slug')],
          {
            type: 'object',
            properties: {
              dataset: { type: 'string' },
              id: { type: 'string' },
              state: { type: 'string' },
              entry: CATALOG_ENTRY,
              document: { type: 'string' },
            },
            required: ['dataset', 'id', 'state', 'entry', 'document'],
          },
        ),
      },
      '/api/v1/members': { get: get('listMembers', 'Members of the directory.', [], page(MEMBER, {})) },
      '/api/v1/statistics': {
        get: get('readStatistics', 'Counts and bytes per owner and dataset; never who pulled.', [], {
          type: 'object',
          properties: {
            totals: {
              type: 'object',
              properties: { members: { type: 'integer' }, datasets: { type: 'integer' }, ...COUNTS },
            },
            members: {
              type: 'array',
              items: {
                type: 'object',
                properties: { member: { type: 'string' }, datasets: { type: 'integer' }, ...COUNTS },
              },
            },
            datasets: {
              type: 'array',
              items: { type: 'object', properties: { dataset: { type: 'string' }, ...COUNTS } },
            },
          },
          required: ['totals', 'members', 'datasets'],
        }),
      },
      '/catalog': {
        get: get(
          'readDcat',
          'The catalog as DCAT 3 JSON-LD, by pages.',
          [{ name: 'after', in: 'query', required: false, schema: { type: 'string' } }],
          { type: 'object' },
          'application/ld+json',
        ),
      },
    },
    components: { schemas: { Problem: PROBLEM } },
  }
}

function get(
  operationId: string,
  summary: string,
  parameters: readonly object[],
  schema: object,
  type = 'application/json',
) {
  return {
    operationId,
    summary,
    parameters,
    responses: {
      200: { description: 'OK', headers: { etag: { schema: { type: 'string' } } }, content: { [type]: { schema } } },
      304: { description: 'Not modified' },
      default: {
        description: 'Refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function page(item: object, more: object) {
  return {
    type: 'object',
    properties: { items: { type: 'array', items: item }, next: CURSOR, ...more },
    required: ['items', 'next'],
  }
}

function queryParameters(): object[] {
  return Object.entries(SEARCH_QUERY.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }))
}

function pathParameter(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string' } }
}
