/** Building bricks of the JSON Schemas. Hashes are lower-case hex; times RFC 3339 UTC, `iat`/`exp` Unix seconds. */
export const HEX = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const
export const HEX_OR_NULL = { anyOf: [HEX, { type: 'null' }] } as const
export const SECONDS = { type: 'integer', minimum: 0, maximum: 253402300799 } as const
/** `format` is asserted (`validate.ts`): a moment and a day that the calendar has. */
export const TIME = {
  type: 'string',
  format: 'date-time',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$',
} as const
export const DAY = { type: 'string', format: 'date', minLength: 10, maxLength: 10 } as const
export const TIME_OR_NULL = { anyOf: [TIME, { type: 'null' }] } as const
export const JTI = { type: 'string', pattern: '^[A-Za-z0-9_-]{22}$' } as const
export const X5T = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' } as const
export const BYTES = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const
export const COUNT = { type: 'integer', minimum: 0, maximum: 4294967295 } as const
/** A place in the status list. */
export const PLACE = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const
export const NUMBER_FROM_ONE = { type: 'integer', minimum: 1, maximum: 4294967295 } as const
export const MEMBER = { type: 'string', pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$' } as const
export const SLUG_PATTERN = '[a-z0-9][a-z0-9._-]{0,63}'
export const DATASET = { type: 'string', pattern: `^[0-9A-HJ-NPQRTUWXY]{18}/${SLUG_PATTERN}$` } as const
export const NAME = { type: 'string', minLength: 1, maxLength: 200, pattern: '^\\S(.*\\S)?$' } as const
export const REASON = { type: 'string', minLength: 1, maxLength: 2000 } as const
export const PURPOSE = { type: 'string', minLength: 1, maxLength: 1000, pattern: '\\S' } as const
export const FILE_PATH = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  pattern: '^[^/\\\\\\u0000-\\u001f\\u007f]+$',
  not: { enum: ['.', '..'] },
} as const
export const CERTIFICATE = { type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength: 22_000 } as const
export const ENDPOINT = { type: 'string', pattern: '^https://[^\\s/?#@]+$', maxLength: 300 } as const
export const MEMBER_CLASSES = ['association', 'department', 'affiliate'] as const
export const MEMBER_CLASS = { type: 'string', enum: MEMBER_CLASSES } as const

/** What an association, a department or an affiliate is called in the protocol. */
export type MemberClass = (typeof MEMBER_CLASSES)[number]

/** A closed object: all named properties allowed, those in `required` demanded, nothing else. */
export function closed<const P extends Record<string, unknown>, const R extends readonly (keyof P & string)[]>(
  properties: P,
  required: R,
) {
  return { type: 'object', properties, required, additionalProperties: false } as const
}
