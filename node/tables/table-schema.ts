import { Refusal } from '#schemas/refusal.ts'

/** A rule on the values of a field. `minimum` and `maximum` may be written as the field's text. */
export interface Constraints {
  readonly required?: boolean
  readonly unique?: boolean
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly (string | number | boolean)[]
}

/** Types of a field; Table Schema v2 has more, which are refused. */
export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'year' | 'yearmonth' | 'any'

/** One column of a table as Table Schema describes it. */
export interface Field {
  readonly name: string
  readonly type?: FieldType
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly groupChar?: string
  readonly decimalChar?: string
  readonly trueValues?: readonly string[]
  readonly falseValues?: readonly string[]
  readonly missingValues?: readonly string[]
  readonly constraints?: Constraints
}

/** The subset of Table Schema v2 (https://datapackage.org/standard/table-schema/) that nodes understand. */
export interface TableSchema {
  readonly $schema?: string
  readonly title?: string
  readonly description?: string
  readonly fields: readonly Field[]
  readonly primaryKey?: string | readonly string[]
  readonly missingValues?: readonly string[]
}

const TEXT = { type: 'string', maxLength: 4000 } as const
const NAME = { type: 'string', minLength: 1, maxLength: 200 } as const
const MARKS = { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 100 } } as const
const BOUND = { anyOf: [{ type: 'number' }, { type: 'string', minLength: 1, maxLength: 100 }] } as const
const LENGTH = { type: 'integer', minimum: 0, maximum: 1_048_576 } as const

/**
 * JSON Schema 2020-12 of that subset. Schemas come from strangers: no `pattern`, whose evaluation may take forever,
 * and nothing that would be fetched (`$ref`, foreign keys).
 */
export const tableSchemaSchema = {
  type: 'object',
  required: ['fields'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', maxLength: 200 },
    title: TEXT,
    description: TEXT,
    primaryKey: { anyOf: [NAME, { type: 'array', minItems: 1, maxItems: 50, uniqueItems: true, items: NAME }] },
    missingValues: MARKS,
    fields: {
      type: 'array',
      minItems: 1,
      maxItems: 5000,
      items: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: NAME,
          type: { enum: ['string', 'integer', 'number', 'boolean', 'date', 'datetime', 'year', 'yearmonth', 'any'] },
          title: TEXT,
          description: TEXT,
          format: { type: 'string', minLength: 1, maxLength: 60 },
          groupChar: { enum: [',', '.', ' ', "'", '_', '，', '\u00a0', '\u202f'] },
          decimalChar: { enum: ['.', ',', '．'] },
          trueValues: MARKS,
          falseValues: MARKS,
          missingValues: MARKS,
          constraints: {
            type: 'object',
            additionalProperties: false,
            properties: {
              required: { type: 'boolean' },
              unique: { type: 'boolean' },
              minimum: BOUND,
              maximum: BOUND,
              minLength: LENGTH,
              maxLength: LENGTH,
              enum: {
                type: 'array',
                minItems: 1,
                maxItems: 2000,
                items: { anyOf: [{ type: 'string', maxLength: 1000 }, { type: 'number' }, { type: 'boolean' }] },
              },
            },
          },
        },
      },
    },
  },
} as const

/** Names of the fields of the primary key, none where there is none. */
export function keyFields({ primaryKey }: TableSchema): readonly string[] {
  if (primaryKey === undefined) return []
  return typeof primaryKey === 'string' ? [primaryKey] : primaryKey
}

/** SCHEMA_INVALID at a place of the schema. */
export function schemaInvalid(field: string, rule: string, zh: string, en: string): Refusal {
  return new Refusal('SCHEMA_INVALID', { field, rule, detail: { zh: `${field}：${zh}`, en: `${field}: ${en}` } })
}
