import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { FromSchema } from 'json-schema-to-ts'
import { fromRfc3339 } from './clock.ts'
import { isDay } from './codes/periods.ts'
import { Refusal } from './refusal.ts'
import type { RefusalCode } from './refusals.ts'

/** What a schema admits. Without a bound on S: checking a schema against the type of all schemas costs the compiler minutes. */
export type Shape<S> = S extends object ? FromSchema<S> : never

const compiled = new WeakMap<object, ValidateFunction>()
let ajv: Ajv2020 | undefined

/**
 * Checks `value` against a JSON Schema 2020-12 compiled on its first use: strict, no coercion, nothing removed,
 * nothing defaulted. A value that does not fit is refused with `code`, the path and the failing keyword.
 */
export function validate<const S>(schema: S, value: unknown, code: RefusalCode = 'BODY_INVALID'): Shape<S> {
  requireValid(schema as object, value, code)
  return value as Shape<S>
}

/** {@link validate} for a schema picked at run time, where the type is known otherwise. */
export function requireValid(schema: object, value: unknown, code: RefusalCode): void {
  const check = validatorOf(schema)
  if (!check(value)) throw invalid(code, check.errors?.[0])
}

function validatorOf(schema: object): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  ajv ??= new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: false,
    useDefaults: false,
    coerceTypes: false,
    removeAdditional: false,
    formats: { 'date-time': (text: string) => !Number.isNaN(fromRfc3339(text)), date: isDay },
  })
  const made = ajv.compile(schema)
  compiled.set(schema, made)
  return made
}

function invalid(code: RefusalCode, error: ErrorObject | undefined): Refusal {
  const missing: unknown = error?.keyword === 'required' ? error.params['missingProperty'] : undefined
  const unknown: unknown = error?.keyword === 'additionalProperties' ? error.params['additionalProperty'] : undefined
  const named = missing ?? unknown
  const field = `${error?.instancePath ?? ''}${named === undefined ? '' : `/${named}`}` || '/'
  const [zh, en] =
    missing !== undefined
      ? ['必须给出', 'is missing']
      : unknown !== undefined
        ? ['不在允许的字段之列', 'is none that may be given']
        : [`不符合规则 ${error?.keyword ?? ''}`, error?.message ?? 'is not valid']
  return new Refusal(code, {
    field,
    rule: error?.keyword ?? 'schema',
    detail: {
      zh: `字段 ${field} ${zh}`,
      en: `Field ${field} ${en}`,
    },
  })
}
