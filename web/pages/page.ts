import type { Html } from './html.ts'

/** A step of 当前位置; without `href` where the reader is. */
export interface Crumb {
  readonly text: string
  readonly href?: string
}

/** A feed that programs find in the page's head (Atom, JSON Feed). */
export interface FeedLink {
  readonly href: string
  readonly title: string
  readonly type: 'application/atom+xml' | 'application/feed+json' | 'application/ld+json' | 'application/json'
}

/** What a page's handler returns; the frame around it comes from the site. */
export interface Page {
  /** Window title, and the h1 unless `heading` is false. */
  readonly title: string
  /** Of the title, where it is not the page's own. */
  readonly titleLang?: string | undefined
  readonly body: Html
  /** Beside the h1: a badge, or buttons. */
  readonly beside?: Html
  /** One sentence under the h1. */
  readonly lead?: Html
  readonly heading?: false
  readonly crumbs?: readonly Crumb[]
  readonly status?: number
  /** `text`: a measure made for reading. */
  readonly layout?: 'wide' | 'text'
  readonly description?: string
  readonly feeds?: readonly FeedLink[]
  /** Modules of `web/assets`, by file name. */
  readonly scripts?: readonly string[]
  /** Seconds until a browser without scripts asks again (a job under way); with them the page follows by itself. */
  readonly refresh?: number
  /** Not for search engines. */
  readonly hidden?: boolean
}

/** `See other` (RFC 9110 §15.4.4). */
export interface Redirect {
  readonly redirect: string
}

/** An answer that is no page: a feed, a file, JSON. */
export interface Raw {
  readonly raw: string | Uint8Array | NodeJS.ReadableStream
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
}

export type Answer = Page | Redirect | Raw

/** A path of this site as `visit.href` gives it, never an address of elsewhere. */
export function redirect(path: string): Redirect {
  return { redirect: localPath(path) }
}

export function raw(type: string, body: Raw['raw'], headers: Record<string, string> = {}): Raw {
  return { raw: body, type, headers }
}

/** The path if it stays on this site (one slash first, no backslash, no control character), else `/`. */
export function localPath(path: string): string {
  return /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(path) ? path : '/'
}
