import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Fields } from '#web/pages/forms.ts'

/** A field of type `datetime-local` (or a bare date), Beijing time, as RFC 3339; undefined when empty. BODY_INVALID names it. */
export function momentOf(fields: Fields, name: string, dayEnds = false): string | undefined {
  const text = fields.get(name)
  if (text === '') return undefined
  const whole = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T${dayEnds ? '23:59:59' : '00:00:00'}` : text
  const seconds = Date.parse(`${whole}${/T\d\d:\d\d$/.test(whole) ? ':00' : ''}+08:00`) / 1000
  if (!Number.isInteger(seconds)) throw new Refusal('BODY_INVALID', { field: `/${name}`, rule: 'a day and a time' })
  return toRfc3339(seconds)
}
