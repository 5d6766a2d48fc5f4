import { isDisplayParagraph } from '#schemas/catalog/display-text.ts'
import { fromRfc3339, toRfc3339 } from '#schemas/clock.ts'
import type { CatalogEntry, MemberEntry, Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Exchange } from '../exchange.ts'

/** An agreement ends within this time; a longer wish is asked again. Five years of 365 days. */
export const AGREEMENT_MOST_SECONDS = 5 * 365 * 86_400

/** Protocol 5.1: may a member of this class ask for this dataset at all? */
export function requireEligible(x: Exchange, consumer: MemberEntry, entry: CatalogEntry): void {
  if (entry.owners.includes(consumer.id)) throw new Refusal('OWN_DATASET', { dataset: entry.dataset })
  if (entry.meta.sharing === 'none') throw new Refusal('SHARING_NONE', { dataset: entry.dataset })
  if (!entry.meta.audience.includes(consumer.class))
    throw new Refusal('AUDIENCE_EXCLUDED', { class: consumer.class, audience: entry.meta.audience })
  requireSponsored(x, consumer)
}

/** An affiliate acts on the word of a member association that stands now. Returns until when, Unix seconds. */
export function requireSponsored(x: Exchange, consumer: MemberEntry): number {
  if (consumer.class !== 'affiliate') return Number.POSITIVE_INFINITY
  const ends = consumer.sponsors
    .filter(({ sponsor }) => x.trust.findMember(sponsor)?.standing === 'good')
    .map(({ until }) => (until === null ? Number.POSITIVE_INFINITY : fromRfc3339(until)))
  const latest = Math.max(...ends, 0)
  if (!(x.clock.now() < latest)) throw new Refusal('SPONSOR_REQUIRED', { affiliate: consumer.id })
  return latest
}

/** What is asked lies within what can be given: files of the entry, an end in the future, a purpose people can read. */
export function requireTerms(x: Exchange, terms: Terms, entry: CatalogEntry): void {
  if (!isDisplayParagraph(terms.purpose)) throw new Refusal('TEXT_INVALID', { field: '/terms/purpose' })
  const paths = new Set(entry.files.map(({ path }) => path))
  const foreign = terms.files === 'all' ? [] : terms.files.filter((file) => !paths.has(file))
  if (foreign.length > 0) throw new Refusal('SCOPE_EXCEEDED', { files: foreign })
  const until = fromRfc3339(terms.until)
  const last = x.clock.now() + AGREEMENT_MOST_SECONDS
  if (!(x.clock.now() < until && until <= last))
    throw new Refusal('PERIOD_OVER', { until: terms.until, latest: toRfc3339(last) })
}
