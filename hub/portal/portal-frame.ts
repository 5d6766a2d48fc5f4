import type { Frame, NavItem } from '#web/pages/frame.ts'
import { html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import { footerLines } from './footer-lines.ts'
import type { PortalDeps } from './portal-deps.ts'

/** 栏目, in the order in which they are shown. */
export const COLUMNS = [
  ['/', '首页', 'Home'],
  ['/members', '信息公示', 'Members'],
  ['/datasets', '数据目录', 'Catalogue'],
  ['/statistics', '统计', 'Statistics'],
  ['/trust', '信任与核验', 'Trust'],
  ['/standards', '标准规范', 'Standards'],
  ['/guides', '办事指南', 'Guides'],
  ['/about', '关于', 'About'],
] as const

/** What surrounds every page of the portal. */
export async function portalFrame(
  visit: Visit,
  { hub, contents }: Pick<PortalDeps, 'hub' | 'contents'>,
): Promise<Frame> {
  const { t, lang } = visit
  return {
    kind: 'portal',
    site: 'portal',
    brand: hub().name,
    tagline: t('行业协会商会信息公示和数据共享', 'Open information and shared data of industry associations'),
    nav: navigation(visit),
    search: visit.href('/opensearch.xml'),
    footer: footer(visit, footerLines(lang, await contents.footer())),
  }
}

function navigation({ t, href, path }: Visit): NavItem[] {
  return COLUMNS.map(([to, zh, en]) => ({
    href: href(to),
    text: t(zh, en),
    current: to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`),
  }))
}

function footer({ t, href }: Visit, lines: ReturnType<typeof footerLines>) {
  return html`
    ${lines.length > 0 && html`<ul class="footer-lines">${lines.map(({ label, text, href: to }) => html`<li>${label}${t('：', ': ')}${to === undefined ? text : html`<a href=${to} rel="noreferrer">${text}</a>`}</li>`)}</ul>`}
    <ul class="footer-links">
      <li><a href=${href('/datasets')}>${t('数据目录', 'Catalogue')}</a></li>
      <li><a href="/api/v1/openapi.json">${t('开放接口', 'Open API')}</a></li>
      <li><a href="/catalog">DCAT</a></li>
      <li><a href=${href('/datasets.atom')}>${t('目录更新订阅', 'Catalogue feed')}</a></li>
      <li><a href=${href('/sitemap')}>${t('网站地图', 'Site map')}</a></li>
    </ul>
  `
}
