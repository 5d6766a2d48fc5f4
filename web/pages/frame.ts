import { breadcrumbs } from '../components/navigation.ts'
import { assetPath } from './assets.ts'
import { type Html, html, renderHtml } from './html.ts'
import { pathIn } from './language.ts'
import type { Page } from './page.ts'
import { type View, type Visit, writeView } from './visit.ts'

export interface NavItem {
  /** As `visit.href` gives it. */
  readonly href: string
  readonly text: string
  /** How much waits there; zero is not shown. */
  readonly count?: number
  readonly current?: boolean
}

/** What surrounds every page of one site. */
export interface Frame {
  readonly kind: 'portal' | 'console'
  /** Style sheet and body class of its own: `portal`, `operator` or `node`. */
  readonly site: 'portal' | 'operator' | 'node'
  readonly brand: string
  readonly tagline?: string
  readonly nav: readonly NavItem[]
  /** Who works here, and the form that leaves. */
  readonly person?: { readonly name: string; readonly roles: string; readonly leave?: Html }
  /** Shown above every page: alarms, stale data, a message of the last action. */
  readonly messages?: Html
  readonly footer?: Html
  /** Address of the OpenSearch description, where the site has a search for everybody. */
  readonly search?: string
}

const SHEETS = ['tokens', 'base', 'layout', 'components', 'charts', 'print'] as const

/** The whole document. */
export function renderPage(visit: Visit, frame: Frame, page: Page): string {
  const { lang, view } = visit
  const title = page.title === frame.brand ? page.title : `${page.title} · ${frame.brand}`
  return `<!doctype html>${renderHtml(html`
    <html lang=${lang === 'zh' ? 'zh-CN' : 'en'} data-size=${view.size} data-mode=${view.mode}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${page.description && html`<meta name="description" content=${page.description} />`}
        ${(page.hidden || frame.kind === 'console') && html`<meta name="robots" content="noindex" />`}
        ${page.refresh !== undefined && html`<noscript><meta http-equiv="refresh" content=${String(page.refresh)} /></noscript>`}
        <link rel="icon" href=${assetPath('icon.svg')} type="image/svg+xml" />
        ${[...SHEETS, frame.site].map((name) => html`<link rel="stylesheet" href=${assetPath(`${name}.css`)} />`)}
        ${(['zh', 'en'] as const).map(
          (one) =>
            html`<link rel="alternate" hreflang=${one === 'zh' ? 'zh-CN' : 'en'} href=${addressIn(visit, one)} />`,
        )}
        ${frame.search !== undefined && html`<link rel="search" type="application/opensearchdescription+xml" title=${frame.brand} href=${frame.search} />`}
        ${page.feeds?.map(({ href, title: name, type }) => html`<link rel="alternate" type=${type} title=${name} href=${href} />`)}
        ${['print.js', ...(page.scripts ?? [])].map((name) => html`<script type="module" src=${assetPath(name)}></script>`)}
      </head>
      <body class=${`${frame.kind} ${frame.site}`}>
        <a class="skip" href="#main">${visit.t('跳到正文', 'Skip to content')}</a>
        ${header(visit, frame)}
        <div class="below">
          ${frame.kind === 'console' && navigation(visit, frame)}
          <main id="main" tabindex="-1" class=${page.layout ?? ''}>
            ${breadcrumbs(visit.t, page.crumbs ?? [])}
            ${frame.messages}
            ${page.heading !== false && heading(page)}
            ${page.body}
          </main>
        </div>
        <footer class="site-footer"><div class="inner">
          ${frame.footer}
          <p class="small">${visit.t('时间均为北京时间（UTC+8）。', 'Times are Beijing time (UTC+8).')}</p>
        </div></footer>
      </body>
    </html>`)}`
}

function heading({ title, titleLang, beside, lead }: Page): Html {
  return html`<div class="page-head">
    <div class="cluster spread"><h1 lang=${titleLang}>${title}</h1>${beside !== undefined && html`<div class="cluster">${beside}</div>`}</div>
    ${lead !== undefined && html`<p class="lead">${lead}</p>`}
  </div>`
}

function header(visit: Visit, frame: Frame): Html {
  const { t } = visit
  return html`<header class="site-header"><div class="inner">
    <a class="brand" href=${visit.href('/')}>
      <img src=${assetPath('icon.svg')} alt="" width="36" height="36" />
      <span><strong>${frame.brand}</strong>${frame.tagline && html`<small>${frame.tagline}</small>`}</span>
    </a>
    ${frame.person && html`<div class="person"><span><strong>${frame.person.name}</strong> <small>${frame.person.roles}</small></span>${frame.person.leave}</div>`}
    <div class="tools" role="group" aria-label=${t('阅读设置', 'Reading')}>
      ${viewLink(visit, { size: nextSize(visit.view) }, t('字号', 'Text size'), sizeName(visit))}
      ${viewLink(visit, { mode: visit.view.mode === 'reading' ? 'normal' : 'reading' }, t('无障碍', 'Easy reading'), visit.view.mode === 'reading' ? t('开', 'on') : t('关', 'off'))}
      <button type="button" class="tool" data-print hidden>${t('打印', 'Print')}</button>
      <a href=${addressIn(visit, visit.lang === 'zh' ? 'en' : 'zh')} lang=${visit.lang === 'zh' ? 'en' : 'zh-CN'} hreflang=${visit.lang === 'zh' ? 'en' : 'zh-CN'}>${visit.lang === 'zh' ? 'English' : '中文'}</a>
    </div>
    ${frame.kind === 'portal' && navigation(visit, frame)}
  </div></header>`
}

function navigation({ t }: Visit, { nav }: Frame): Html {
  return html`<nav class="main-nav" aria-label=${t('主导航', 'Main')}><ul>
    ${nav.map(
      ({ href, text, count = 0, current }) =>
        html`<li><a href=${href} aria-current=${current ? 'page' : undefined}>${text}${count > 0 && html` <span class="count">${count}</span>`}</a></li>`,
    )}
  </ul></nav>`
}

function viewLink(visit: Visit, change: Partial<View>, name: string, state: string): Html {
  const back = addressIn(visit, visit.lang)
  const query = new URLSearchParams({ set: writeView({ ...visit.view, ...change }), back })
  return html`<a rel="nofollow" href=${`${visit.href('/view')}?${query}`}>${name} <span class="tool-state">${state}</span></a>`
}

function nextSize({ size }: View): View['size'] {
  return size === 'normal' ? 'large' : size === 'large' ? 'larger' : 'normal'
}

function sizeName({ t, view }: Visit): string {
  return view.size === 'normal' ? t('标准', 'normal') : view.size === 'large' ? t('大', 'large') : t('特大', 'largest')
}

/** This very page, in a language, query kept. */
function addressIn(visit: Visit, lang: Visit['lang']): string {
  const query = visit.query.toString()
  return `${pathIn(lang, visit.path)}${query === '' ? '' : `?${query}`}`
}
