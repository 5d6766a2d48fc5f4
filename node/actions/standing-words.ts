import { parseDocument } from '#schemas/document.ts'
import type { Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Papers } from '../store/papers.ts'

/** The last words of a story: the request, or the offer that followed on it. */
export interface StandingWords {
  readonly id: string
  /** Null for the request itself. */
  readonly offer: string | null
  readonly terms: Terms
  readonly signer: string
  /** What the consumer asked for first, and on which entry. */
  readonly asked: { readonly terms: Terms; readonly entry: string; readonly dataset: string; readonly consumer: string }
  /** Has the consumer accepted exactly these words? */
  readonly accepted: boolean
}

/** Each offer answers the words before it; the last of the chain stands. REQUEST_UNKNOWN without the request. */
export function standingWords(papers: Papers, request: string): StandingWords {
  const all = papers.ofStory(request)
  const paper = all.find(({ id }) => id === request)
  if (paper === undefined) throw new Refusal('REQUEST_UNKNOWN', { request })
  const { payload: asked } = parseDocument('request', paper.text)
  const offers = all
    .filter(({ kind }) => kind === 'offer')
    .map((row) => ({ ...row, payload: parseDocument('offer', row.text).payload }))
  let words: { id: string; offer: string | null; terms: Terms; signer: string } = {
    id: request,
    offer: null,
    terms: asked.terms,
    signer: paper.signer,
  }
  for (let step = 0; step <= offers.length; step++) {
    const next = offers.find(({ payload }) => payload.previous === words.id)
    if (next === undefined) break
    words = { id: next.id, offer: next.id, terms: next.payload.terms, signer: next.signer }
  }
  const { id } = words
  const accepted = all.some(
    (row) =>
      row.kind === 'consent' &&
      row.signer === asked.consumer &&
      parseDocument('consent', row.text).payload.answers === id,
  )
  return { ...words, asked, accepted }
}
