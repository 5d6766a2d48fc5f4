/** One piece of news. `id` is a URN that never changes; `updated` RFC 3339. */
export interface FeedEntry {
  readonly id: string
  readonly title: string
  readonly href: string
  readonly updated: string
  readonly author: string
  readonly summary: string
  readonly categories: readonly string[]
}

/** A feed, whole addresses throughout. */
export interface Feed {
  readonly id: string
  readonly title: string
  readonly lang: 'zh-CN' | 'en'
  /** Of the page it tells about, and its own. */
  readonly home: string
  readonly self: string
  /** RFC 3339: of the newest entry; of a feed without entries, when the hub began. */
  readonly updated: string
  readonly entries: readonly FeedEntry[]
}

/** Atom 1.0 (RFC 4287). */
export function toAtom(feed: Feed): string {
  const entries = feed.entries.map(
    ({ id, title, href, updated, author, summary, categories }) => `<entry>
<id>${xml(id)}</id><title>${xml(title)}</title><updated>${updated}</updated>
<link rel="alternate" type="text/html" href="${xml(href)}"/>
<author><name>${xml(author)}</name></author>
${categories.map((one) => `<category term="${xml(one)}"/>`).join('')}<summary>${xml(summary)}</summary>
</entry>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${feed.lang}">
<id>${xml(feed.id)}</id><title>${xml(feed.title)}</title><updated>${feed.updated}</updated>
<link rel="self" type="application/atom+xml" href="${xml(feed.self)}"/>
<link rel="alternate" type="text/html" href="${xml(feed.home)}"/>
${entries.join('\n')}
</feed>
`
}

/** JSON Feed 1.1. */
export function toJsonFeed(feed: Feed): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: feed.title,
    home_page_url: feed.home,
    feed_url: feed.self,
    language: feed.lang,
    items: feed.entries.map(({ id, title, href, updated, author, summary, categories }) => ({
      id,
      url: href,
      title,
      content_text: summary,
      date_published: updated,
      authors: [{ name: author }],
      ...(categories.length > 0 && { tags: categories }),
    })),
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for XML: escaped, and without the characters that XML 1.0 §2.2 has no place for. */
export function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one)
}
