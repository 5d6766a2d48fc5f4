import { Refusal } from '#schemas/refusal.ts'
import type { Stories, Story } from '../store/stories.ts'

const PREFIX = /^[0-9a-f]{1,64}$/

/** A story by its request, or a unique prefix of it. REQUEST_UNKNOWN, AMBIGUOUS_ID. */
export function pickByRequest(stories: Stories, id: string): Story {
  return (
    stories.find(id) ??
    pick(stories.list(), id, ({ request }) => request, new Refusal('REQUEST_UNKNOWN', { request: id }))
  )
}

/** The same by its agreement. AGREEMENT_UNKNOWN, AMBIGUOUS_ID. */
export function pickByAgreement(stories: Stories, id: string): Story & { readonly agreement: string } {
  const unknown = new Refusal('AGREEMENT_UNKNOWN', { agreement: id })
  const found = stories.findByAgreement(id) ?? pick(stories.list(), id, ({ agreement }) => agreement ?? '', unknown)
  if (found.agreement === null) throw unknown
  return { ...found, agreement: found.agreement }
}

function pick(all: readonly Story[], prefix: string, idOf: (story: Story) => string, unknown: Refusal): Story {
  const [first, ...more] = PREFIX.test(prefix) ? all.filter((story) => idOf(story).startsWith(prefix)) : []
  if (first === undefined) throw unknown
  if (more.length > 0) throw new Refusal('AMBIGUOUS_ID', { id: prefix })
  return first
}
