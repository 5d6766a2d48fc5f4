import type { FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'

/** What a form sent: every field may come any number of times; a missing one reads as empty. */
export interface Fields {
  /** Trimmed, lines apart by LF; empty when missing. */
  get(name: string): string
  /** Trimmed and not empty, or undefined. */
  optional(name: string): string | undefined
  all(name: string): readonly string[]
  /** A whole number ≥ 0, undefined when empty. FORM_INVALID names the field otherwise. */
  number(name: string): number | undefined
  checked(name: string): boolean
  /** As typed, to show again. */
  readonly values: Readonly<Record<string, string | readonly string[]>>
}

/** The fields of a form, or of a query. */
export function fieldsOf(values: Readonly<Record<string, unknown>>): Fields {
  const all = (name: string): string[] => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter((one) => typeof one === 'string')
  }
  const get = (name: string) => (all(name)[0] ?? '').replace(/\r\n?/g, '\n').trim()
  return {
    get,
    all,
    optional: (name) => get(name) || undefined,
    number(name) {
      const text = get(name)
      if (text === '') return undefined
      if (!/^\d{1,15}$/.test(text)) throw new Refusal('BODY_INVALID', { field: `/${name}`, rule: 'a whole number' })
      return Number(text)
    },
    checked: (name) => all(name).length > 0,
    values: values as Fields['values'],
  }
}

/** The fields of a form that @fastify/formbody has read. */
export function readForm(request: FastifyRequest): Fields {
  const { body } = request
  return fieldsOf(typeof body === 'object' && body !== null && !Buffer.isBuffer(body) ? { ...body } : {})
}
