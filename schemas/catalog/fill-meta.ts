import { withSection } from '../codes/industries.ts'
import { NATIONWIDE } from '../codes/regions.ts'
import { requireValid } from '../validate.ts'
import { META, META_INPUT, type Meta, type MetaInput } from './meta.ts'

/** What holds when the owner says nothing (contract, META). */
export const META_DEFAULTS = {
  industries: [],
  region: NATIONWIDE,
  periodicity: 'irregular',
  ownership: 'SOURCE',
  audience: ['association', 'department'],
  legalBasis: 'other',
  classification: 'public',
  sensitive: false,
} as const satisfies Partial<Meta>

/** META as parsed from a person's JSON file; META_INVALID with the field where it does not fit. */
export function parseMeta(value: unknown): MetaInput {
  const input = tidy(value)
  requireValid(META_INPUT, input, 'META_INVALID')
  return input as MetaInput
}

/** The metadata to be signed: defaults filled in, `schema` left out (it belongs to the manifest). Checked again, since it will be signed. */
export function fillMeta(input: MetaInput): Meta {
  const { schema: _, price, industries, ...given } = input
  const meta = {
    ...META_DEFAULTS,
    ...given,
    industries: [...new Set((industries ?? META_DEFAULTS.industries).map(withSection))],
    ...(price === undefined ? {} : { price: { ...price, amount: String(price.amount) } }),
  }
  requireValid(META, meta, 'META_INVALID')
  return meta as Meta
}

/**
 * Spellings that mean the same are made one before signing, all but the table schema: Unicode NFC, line ends LF, no
 * outer blanks. The hub does not mend what others signed, it refuses.
 */
function tidy(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.normalize('NFC').replace(/\r\n?/g, '\n').trim()
  if (typeof value !== 'object' || value === null || depth > 4) return value
  if (Array.isArray(value)) return value.map((item) => tidy(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'schema' ? item : tidy(item, depth + 1)]),
  )
}
