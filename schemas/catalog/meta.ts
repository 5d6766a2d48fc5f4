import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import { closed, DATASET, DAY, MEMBER, MEMBER_CLASS } from '../shapes.ts'

const SHORT = { type: 'string', minLength: 1, maxLength: 200 } as const
const LONG = { type: 'string', minLength: 1, maxLength: 4000 } as const
const DATE = { type: 'string', minLength: 10, maxLength: 10 } as const
const PERIOD = { type: 'string', minLength: 4, maxLength: 10 } as const
const RELATED = { type: 'array', items: { type: 'string', maxLength: 83 }, maxItems: 100, uniqueItems: true } as const
const AMOUNT = { type: 'string', minLength: 1, maxLength: 16 } as const

/** What the owner says of a dataset, whether typed by a person or signed. What JSON Schema cannot say is in `rules.ts`. */
const PROPERTIES = {
  slug: { type: 'string', minLength: 1, maxLength: 64 },
  title: closed({ zh: SHORT, en: { ...SHORT, maxLength: 300 } }, ['zh']),
  description: closed({ zh: LONG, en: LONG }, ['zh']),
  contentClass: { type: 'integer', enum: [1, 2, 3, 4] },
  theme: {
    type: 'string',
    enum: [
      'production',
      'circulation',
      'investment',
      'trade',
      'capacity',
      'efficiency',
      'workforce',
      'competitiveness',
      'other',
    ],
  },
  industries: { type: 'array', items: { type: 'string', maxLength: 8 }, maxItems: 20, uniqueItems: true },
  region: { type: 'string', maxLength: 6 },
  period: closed({ from: PERIOD, to: PERIOD }, ['from', 'to']),
  periodicity: { type: 'string', enum: ['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'annual', 'irregular'] },
  sharing: { type: 'string', enum: ['unconditional', 'conditional', 'none'] },
  ownership: { type: 'string', enum: ['SOURCE', 'JOINT', 'PLATFORM'] },
  owners: { type: 'array', items: MEMBER, minItems: 1, maxItems: 16, uniqueItems: true },
  audience: { type: 'array', items: MEMBER_CLASS, minItems: 1, maxItems: 3, uniqueItems: true },
  legalBasis: { type: 'string', enum: ['must-disclose', 'must-report', 'other'] },
  classification: { type: 'string', enum: ['public', 'internal', 'confidential', 'state-secret'] },
  sensitive: { type: 'boolean' },
  keywords: { type: 'array', items: { ...SHORT, maxLength: 40 }, maxItems: 30, uniqueItems: true },
  responsible: closed(
    { unit: { type: 'string', maxLength: 200 }, person: { ...SHORT, maxLength: 100 }, contact: SHORT },
    ['unit'],
  ),
  permit: closed({ authority: SHORT, number: SHORT, form: SHORT, until: DATE }, [
    'authority',
    'number',
    'form',
    'until',
  ]),
  sample: closed({ rows: { type: 'integer', minimum: 1, maximum: 100 } }, ['rows']),
  relations: closed({ upstream: RELATED, downstream: RELATED, related: RELATED }, []),
} as const

/** The amount is a decimal as text: a signed document holds no fraction as a JSON number. */
const PRICE = { currency: { type: 'string', minLength: 3, maxLength: 3 }, unit: { ...SHORT, maxLength: 40 } } as const

/** META as a person hands it to `publish`: only what must be given is demanded, and `schema` may ride along. */
export const META_INPUT = closed(
  {
    ...PROPERTIES,
    price: closed({ ...PRICE, amount: { ...AMOUNT, type: ['number', 'string'], minimum: 0 } }, [
      'amount',
      'currency',
      'unit',
    ]),
    schema: { type: 'object' },
  },
  ['slug', 'title', 'contentClass', 'sharing', 'responsible'],
) satisfies JSONSchema

/** A year, quarter, month, ISO week or day (`codes/periods.ts`). */
const SIGNED_PERIOD = {
  anyOf: [{ type: 'string', pattern: '^(?!0000)\\d{4}(-(Q[1-4]|W(0[1-9]|[1-4]\\d|5[0-3])|0[1-9]|1[0-2]))?$' }, DAY],
} as const

/** META as it is signed in a catalog entry: every default filled in, so that no reader has to know them, and no date that is none. */
export const META = closed(
  {
    ...PROPERTIES,
    period: closed({ from: SIGNED_PERIOD, to: SIGNED_PERIOD }, ['from', 'to']),
    permit: closed({ ...PROPERTIES.permit.properties, until: DAY }, PROPERTIES.permit.required),
    price: closed({ ...PRICE, amount: AMOUNT }, ['amount', 'currency', 'unit']),
  },
  [
    'slug',
    'title',
    'contentClass',
    'industries',
    'region',
    'periodicity',
    'sharing',
    'ownership',
    'audience',
    'legalBasis',
    'classification',
    'sensitive',
    'responsible',
  ],
) satisfies JSONSchema

/** What a person hands to `publish`. */
export type MetaInput = FromSchema<typeof META_INPUT>

/** The metadata of a catalog entry. */
export type Meta = FromSchema<typeof META>

const DATASET_SHAPE = new RegExp(DATASET.pattern)

/** Is it `<统一社会信用代码>/<slug>`? Check digits are a matter of membership, not of shape. */
export function isDatasetId(text: string): boolean {
  return DATASET_SHAPE.test(text)
}
