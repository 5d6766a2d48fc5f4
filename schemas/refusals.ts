import { CATALOG_REFUSALS } from './catalog/refusals.ts'
import { DOCUMENT_REFUSALS } from './refusals/documents.ts'
import { EXCHANGE_REFUSALS } from './refusals/exchange.ts'
import { OPERATION_REFUSALS } from './refusals/operation.ts'
import { TRUST_REFUSALS } from './refusals/trust.ts'

/** The one catalogue of refusals: code → HTTP status, sentence, remedy. Codes never change their meaning. */
export const REFUSALS = {
  ...TRUST_REFUSALS,
  ...DOCUMENT_REFUSALS,
  ...CATALOG_REFUSALS,
  ...EXCHANGE_REFUSALS,
  ...OPERATION_REFUSALS,
} as const

/** Every code a person or program may be refused with. */
export type RefusalCode = keyof typeof REFUSALS
