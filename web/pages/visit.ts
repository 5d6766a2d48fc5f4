import type { FastifyRequest } from 'fastify'
import { type Lang, pathIn, type Say, sayIn, splitPath } from './language.ts'

/** How the reader wants pages: kept in a cookie, chosen by links, no script needed. */
export interface View {
  readonly size: 'normal' | 'large' | 'larger'
  /** `reading`: one column, large type, strong contrast, no ornament (无障碍阅读). */
  readonly mode: 'normal' | 'reading'
}

/** One look at one page. */
export interface Visit {
  readonly lang: Lang
  readonly t: Say
  /** Without the language and without the query. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly view: View
  readonly requestId: string
  /** The address of a page in this visit's language. */
  href(path: string): string
}

export const VIEW_COOKIE = 'view'
const SIZES = ['normal', 'large', 'larger'] as const
const MODES = ['normal', 'reading'] as const

/** Reads a visit off its request; whatever is wrong with the cookie is ignored. */
export function visitOf(request: FastifyRequest): Visit {
  const [whole = '/', query = ''] = request.url.split(/\?(.*)/s, 2)
  const { lang, path } = splitPath(whole)
  return {
    lang,
    t: sayIn(lang),
    path,
    params: (request.params ?? {}) as Record<string, string>,
    query: new URLSearchParams(query),
    view: readView(request.cookies[VIEW_COOKIE]),
    requestId: request.id,
    href: (to) => pathIn(lang, to),
  }
}

/** `large.reading` and the like. */
export function readView(text = ''): View {
  const [size, mode] = text.split('.')
  return {
    size: SIZES.find((one) => one === size) ?? 'normal',
    mode: MODES.find((one) => one === mode) ?? 'normal',
  }
}

export function writeView({ size, mode }: View): string {
  return `${size}.${mode}`
}
