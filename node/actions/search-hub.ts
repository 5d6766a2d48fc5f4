import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { type Shape, validate } from '#schemas/validate.ts'
import type { HubRequests } from '../exchange-deps.ts'

const VALUE = { anyOf: [{ type: 'string', maxLength: 200 }, { type: 'integer' }] } as const
const CHOICE = { anyOf: [...VALUE.anyOf, { type: 'array', items: VALUE, maxItems: 50 }] } as const

/** Arguments of `search`: words, facets (one value or several), order and page. */
export const SEARCH = closed(
  {
    words: { type: 'string', maxLength: 200 },
    class: CHOICE,
    theme: CHOICE,
    industry: CHOICE,
    member: CHOICE,
    region: CHOICE,
    sharing: CHOICE,
    periodicity: CHOICE,
    price: CHOICE,
    sort: { type: 'string', enum: ['relevance', 'newest', 'used'] },
    cursor: { type: 'string', maxLength: 600 },
    limit: { type: 'integer', minimum: 1, maximum: 100 },
  },
  [],
)

const PAGE = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', required: ['dataset', 'title', 'member', 'version', 'sharing'] } },
    facets: { type: 'object' },
    next: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['items', 'facets', 'next'],
} as const

/** Protocol 4.3: the hub's catalog. What it finds is verified when somebody asks for it, not before. HUB_UNREACHABLE. */
export async function searchHub(hub: Pick<HubRequests, 'get'>, query: Shape<typeof SEARCH>): Promise<object> {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) params.append(name, String(one))
  const answer = await hub.get(`/v1/catalog-entries/search?${params}`)
  if (!(typeof answer === 'object' && answer !== null))
    throw new Refusal('PEER_MISBEHAVED', { rule: 'a page of the catalog' })
  return validate(PAGE, answer, 'PEER_MISBEHAVED') as object
}
