import type { NavItem } from '#web/pages/frame.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'

/** How much waits behind an entry of the navigation. */
export interface Waiting {
  readonly drafts: number
  readonly datasets: number
}

/** The console's sections in order: path, names, and which count stands beside them. */
const SECTIONS: readonly {
  readonly path: string
  readonly zh: string
  readonly en: string
  readonly count?: keyof Waiting
}[] = [
  { path: '/', zh: '概览', en: 'Overview' },
  { path: '/publish', zh: '发布数据', en: 'Publish', count: 'drafts' },
  { path: '/datasets', zh: '我的数据集', en: 'My datasets', count: 'datasets' },
]

/** The navigation as seen from a page. */
export function navOf({ t, href, path }: Visit, waiting: Waiting): readonly NavItem[] {
  return SECTIONS.map(({ path: to, zh, en, count }) => ({
    href: href(to),
    text: t(zh, en),
    current: to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`),
    ...(count !== undefined && { count: waiting[count] }),
  }))
}

/** A link to a section; the bare words where this console has none. */
export function sectionLink({ href }: Visit, path: string, text: Html): Html {
  const [bare = path] = path.split('?')
  return SECTIONS.some((one) => bare === one.path || bare.startsWith(`${one.path}/`))
    ? html`<a href=${href(path)}>${text}</a>`
    : text
}
