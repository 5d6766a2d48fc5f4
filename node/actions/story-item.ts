import { closed, DATASET, HEX, HEX_OR_NULL, MEMBER, TIME } from '#schemas/shapes.ts'
import { CAUSES, STATES } from '#schemas/transitions.ts'
import { type Shape, validate } from '#schemas/validate.ts'

const TEXT = { type: 'string', maxLength: 200_000 } as const
const TEXTS = { type: 'array', items: TEXT, maxItems: 1_000 } as const
const TEXT_OR_NULL = { anyOf: [TEXT, { type: 'null' }] } as const
const DOCUMENTS = closed(
  {
    request: TEXT,
    offers: TEXTS,
    consents: TEXTS,
    refusal: TEXT_OR_NULL,
    agreement: TEXT_OR_NULL,
    changes: TEXTS,
    decision: TEXT_OR_NULL,
    decisions: TEXTS,
  },
  ['request', 'offers', 'consents', 'refusal', 'agreement', 'changes', 'decision'],
)
const ITEM = closed(
  {
    id: HEX,
    request: HEX,
    agreement: HEX_OR_NULL,
    dataset: DATASET,
    consumer: MEMBER,
    owners: { type: 'array', items: MEMBER, minItems: 1, maxItems: 16 },
    path: { type: 'string', enum: ['unconditional', 'conditional'] },
    state: { type: 'string', enum: [...STATES] },
    cause: { anyOf: [{ type: 'string', enum: [...CAUSES] }, { type: 'null' }] },
    suspendedBy: { type: 'array', items: { type: 'string', maxLength: 18 }, maxItems: 20 },
    until: TIME,
    changed: { type: 'integer', minimum: 0 },
    documents: DOCUMENTS,
  },
  [
    'id',
    'request',
    'agreement',
    'dataset',
    'consumer',
    'owners',
    'path',
    'state',
    'cause',
    'suspendedBy',
    'until',
    'changed',
    'documents',
  ],
)
/** A page of the hub's list (Protocol 5.8). */
export const PAGE = closed(
  {
    items: { type: 'array', items: { type: 'object' }, maxItems: 1_000 },
    next: { anyOf: [{ type: 'string', maxLength: 100 }, { type: 'null' }] },
  },
  ['items', 'next'],
)

/** One story as the hub tells it; nothing in it is verified. */
export type Item = Shape<typeof ITEM>

/** PEER_MISBEHAVED unless it has that shape. */
export function parseItem(value: unknown): Item {
  return validate(ITEM, value, 'PEER_MISBEHAVED')
}
