import type { NavItem } from '#web/pages/frame.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'

/** How much waits behind an entry of the navigation. */
export interface Waiting {
  readonly drafts: number
  readonly datasets: number
  readonly requests: number
  readonly alarms: number
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
  { path: '/find', zh: '查找数据', en: 'Find data' },
  { path: '/requests', zh: '申请与协议', en: 'Requests', count: 'requests' },
  { path: '/pulls', zh: '调取数据', en: 'Pull data' },
  { path: '/receipts', zh: '回执', en: 'Receipts' },
  { path: '/members', zh: '成员', en: 'Members' },
  { path: '/health', zh: '运行状况', en: 'Health', count: 'alarms' },
  { path: '/staff', zh: '工作人员', en: 'Staff' },
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
export function sectionLink({ href }: Pick<Visit, 'href'>, path: string, text: Html): Html {
  const [bare = path] = path.split('?')
  return SECTIONS.some((one) => bare === one.path || bare.startsWith(`${one.path}/`))
    ? html`<a href=${href(path)}>${text}</a>`
    : text
}
