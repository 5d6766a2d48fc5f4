import { CONTENT_CLASSES } from '#schemas/codes/content-classes.ts'
import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pathIn, pick } from '#web/pages/language.ts'
import { type Page, raw } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import { xml } from './feed-format.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { COLUMNS } from './portal-frame.ts'
import { listTexts, SECTIONS } from './read-texts.ts'
import { tagged } from './tagged.ts'

/** Most pages of one file: each stands there in two languages, and sitemaps.org protocol 0.9 takes 50,000 addresses. */
const MOST = 25_000
const FIXED = ['/', '/datasets', '/members', '/statistics', '/trust', '/standards', '/guides', '/notices']
const MOST_NOTICES = 200
const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9'
const LANGS = ['zh', 'en'] as const

/** What search engines and browsers ask for by name: site map, robots, the description of our search. */
export const siteMapPages: PageGroup = (pages, deps) => {
  const base = () => deps.hub().public
  pages.get('/sitemap.xml', async (_visit, request) => {
    const first = await listFirst(deps)
    const count = first.length + deps.index.count()
    const text = count <= MOST ? addressFile(deps, first, 0) : indexFile(base(), Math.ceil(count / MOST))
    return tagged(request, 'application/xml; charset=utf-8', text)
  })
  pages.get('/sitemap-:page(^\\d+).xml', async ({ params }, request) => {
    const page = /^[1-9]\d{0,4}$/.test(params['page'] ?? '') ? Number(params['page']) : 0
    const first = await listFirst(deps)
    if (page === 0 || (page - 1) * MOST >= first.length + deps.index.count()) throw new Refusal('NOT_FOUND')
    return tagged(request, 'application/xml; charset=utf-8', addressFile(deps, first, (page - 1) * MOST))
  })
  pages.get('/sitemap', (visit) => siteMapPage(visit, deps))
  pages.get('/robots.txt', () =>
    raw(
      'text/plain; charset=utf-8',
      `User-agent: *\nDisallow: /view\nDisallow: /en/view\nDisallow: /suggest\nDisallow: /en/suggest\nDisallow: /*cursor=\nSitemap: ${base()}/sitemap.xml\n`,
    ),
  )
  pages.get('/opensearch.xml', ({ t, href }) =>
    raw('application/opensearchdescription+xml; charset=utf-8', openSearch(deps, t('数据目录', 'Catalogue'), href)),
  )
}

/** 网站地图 for people: every column with what stands under it. */
async function siteMapPage(visit: Visit, { contents }: PortalDeps): Promise<Page> {
  const { t, lang, href } = visit
  const texts = await listTexts(contents)
  const link = (path: string, text: string) => html`<li><a href=${href(path)}>${text}</a></li>`
  const under: Readonly<Record<string, Html>> = {
    '/': link('/notices', t('通知公告', 'Notices')),
    '/datasets': Object.entries(CONTENT_CLASSES).map(([value, name]) =>
      link(`/datasets?class=${value}`, pick(lang, name)),
    ),
    '/members': Object.entries(MEMBER_CLASS_LABELS).map(([value, name]) =>
      link(`/members?class=${value}`, pick(lang, name)),
    ),
    ...Object.fromEntries(
      SECTIONS.map((section) => [
        `/${section}`,
        texts
          .filter(({ slug }) => slug.startsWith(`${section}/`))
          .map(({ slug, title }) => link(`/${slug}`, pick(lang, title))),
      ]),
    ),
  }
  return {
    title: t('网站地图', 'Site map'),
    crumbs: [{ text: t('首页', 'Home'), href: href('/') }, { text: t('网站地图', 'Site map') }],
    body: html`<div class="grid">${COLUMNS.map(
      ([path, zh, en]) =>
        html`<section class="card"><h2><a href=${href(path)}>${t(zh, en)}</a></h2>${under[path] && html`<ul class="plain-list">${under[path]}</ul>`}</section>`,
    )}</div>`,
  }
}

/** What stands before the datasets: fixed pages, texts, notices, members. */
async function listFirst({ x, contents }: PortalDeps): Promise<string[]> {
  const texts = (await listTexts(contents)).map(({ slug }) => `/${slug}`)
  const notices = (await contents.notices(MOST_NOTICES)).map(({ id }) => `/notices/${id}`)
  const members = [...x.trust.members()].map(({ id }) => `/members/${id}`)
  return [...FIXED, ...texts, ...notices, ...members]
}

/** One file: addresses number `from` and on, of `first` and then of all datasets by id. */
function addressFile({ x, hub }: PortalDeps, first: readonly string[], from: number): string {
  const head = first.slice(from, from + MOST).map((path) => ({ path, day: '' }))
  const datasets = x.entries
    .addresses(Math.max(0, from - first.length), MOST - head.length)
    .map(({ dataset, stored }) => ({
      path: `/datasets/${dataset}`,
      day: new Date(stored * 1000).toISOString().slice(0, 10),
    }))
  const { public: base } = hub()
  const lines = [...head, ...datasets].flatMap(({ path, day }) => {
    const addresses = LANGS.map(
      (lang) => [lang === 'zh' ? 'zh-CN' : 'en', xml(`${base}${pathIn(lang, path)}`)] as const,
    )
    const twins = addresses
      .map(([lang, at]) => `<xhtml:link rel="alternate" hreflang="${lang}" href="${at}"/>`)
      .join('')
    const changed = day === '' ? '' : `<lastmod>${day}</lastmod>`
    return addresses.map(([, at]) => `<url><loc>${at}</loc>${changed}${twins}</url>`)
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="${NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${lines.join('\n')}\n</urlset>\n`
}

function indexFile(base: string, pages: number): string {
  const lines = Array.from(
    { length: pages },
    (_, at) => `<sitemap><loc>${xml(`${base}/sitemap-${at + 1}.xml`)}</loc></sitemap>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="${NAMESPACE}">\n${lines.join('\n')}\n</sitemapindex>\n`
}

/** OpenSearch 1.1: browsers may offer this search by itself, with suggestions. */
function openSearch({ hub }: PortalDeps, what: string, href: (path: string) => string): string {
  const { name, public: base } = hub()
  return `<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>${xml([...name].slice(0, 16).join(''))}</ShortName><Description>${xml(`${name} ${what}`)}</Description><InputEncoding>UTF-8</InputEncoding>
<Url type="text/html" method="get" template="${xml(`${base}${href('/datasets')}?words={searchTerms}`)}"/>
<Url type="application/x-suggestions+json" method="get" template="${xml(`${base}${href('/suggest.json')}?words={searchTerms}`)}"/>
<Url type="application/atom+xml" method="get" template="${xml(`${base}${href('/datasets.atom')}?words={searchTerms}`)}"/>
</OpenSearchDescription>
`
}
