import type { Frame, NavItem } from '#web/pages/frame.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { Role } from '../deps.ts'
import type { Allowed } from './operator-pages.ts'

interface Entry {
  readonly path: string
  readonly zh: string
  readonly en: string
  readonly roles: Allowed
  /** Which number stands beside it. */
  readonly count?: keyof Waiting
  /** Paths of pages that belong to it. */
  readonly holds?: readonly string[]
}

/** What waits, for the numbers in the navigation. */
export interface Waiting {
  readonly cases: number
  readonly alarms: number
}

const ENTRIES: readonly Entry[] = [
  { path: '/', zh: '待办', en: 'Queue', roles: 'any', count: 'cases', holds: ['/admissions'] },
  { path: '/alarms', zh: '告警', en: 'Alarms', roles: 'any', count: 'alarms' },
  { path: '/members', zh: '成员', en: 'Members', roles: 'any' },
  { path: '/codes', zh: '接入码', en: 'Codes', roles: ['registrar', 'auditor'] },
  { path: '/agreements', zh: '协议', en: 'Agreements', roles: 'any' },
  { path: '/trust', zh: '信任目录', en: 'Trust', roles: 'any' },
  { path: '/operators', zh: '管理员', en: 'Operators', roles: ['administrator', 'auditor'] },
  { path: '/audit', zh: '审计记录', en: 'Audit trail', roles: ['auditor', 'administrator'] },
  { path: '/texts', zh: '门户内容', en: 'Portal texts', roles: ['administrator', 'auditor'] },
  { path: '/settings', zh: '设置', en: 'Settings', roles: 'any' },
]

/** Whether somebody with these roles may. */
export function isAllowed(allowed: Allowed, roles: readonly string[]): boolean {
  return allowed === 'any' || allowed.some((role: Role) => roles.includes(role))
}

/** What surrounds every page of the console: only what this person may open. */
export function operatorFrame(
  visit: Visit,
  { name, roles, waiting }: { name: string; roles: readonly string[]; waiting: Waiting },
): Pick<Frame, 'kind' | 'site' | 'brand' | 'tagline' | 'nav'> {
  const { t } = visit
  return {
    kind: 'console',
    site: 'operator',
    brand: name,
    tagline: t('共享中心管理台', "Operators' console"),
    nav: ENTRIES.filter((entry) => isAllowed(entry.roles, roles)).map((entry) => item(visit, entry, waiting)),
  }
}

function item({ t, href, path }: Visit, { path: to, zh, en, count, holds = [] }: Entry, waiting: Waiting): NavItem {
  const current = [...(to === '/' ? [] : [to]), ...holds].some((one) => path === one || path.startsWith(`${one}/`))
  return {
    href: href(to),
    text: t(zh, en),
    current: current || path === to,
    ...(count === undefined ? {} : { count: waiting[count] }),
  }
}
