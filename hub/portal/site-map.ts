import { Refusal } from '#schemas/refusal.ts'
import { raw } from '#web/pages/page.ts'
import { xml } from './feed-format.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { tagged } from './tagged.ts'

/** Most addresses of one file (sitemaps.org protocol 0.9). */
const MOST = 50_000
const FIXED = ['/', '/datasets', '/members', '/statistics', '/trust', '/standards', '/guides', '/notices', '/about']
const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9'

/** What search engines and browsers ask for by name: site map, robots, the description of our search. */
export const siteMapPages: PageGroup = (pages, deps) => {
  const base = () => deps.hub().public
  pages.get('/sitemap.xml', (_visit, request) => {
    const count = countAddresses(deps)
    const text = count <= MOST ? addressFile(deps, 0, MOST) : indexFile(base(), Math.ceil(count / MOST))
    return tagged(request, 'application/xml; charset=utf-8', text)
  })
  pages.get('/sitemap-:page(^\\d+).xml', ({ params }, request) => {
    const page = /^[1-9]\d{0,4}$/.test(params['page'] ?? '') ? Number(params['page']) : 0
    if (page === 0 || (page - 1) * MOST >= countAddresses(deps)) throw new Refusal('NOT_FOUND')
    return tagged(request, 'application/xml; charset=utf-8', addressFile(deps, (page - 1) * MOST, MOST))
  })
  pages.get('/robots.txt', () =>
    raw(
      'text/plain; charset=utf-8',
      `User-agent: *\nDisallow: /view\nDisallow: /en/view\nDisallow: /suggest\nDisallow: /*cursor=\nSitemap: ${base()}/sitemap.xml\n`,
    ),
  )
  pages.get('/opensearch.xml', ({ t, href }) =>
    raw('application/opensearchdescription+xml; charset=utf-8', openSearch(deps, t('数据目录', 'Catalogue'), href)),
  )
}

function countAddresses({ x, index }: PortalDeps): number {
  return FIXED.length + [...x.trust.members()].length + index.count()
}

/** Addresses number `from` and on: fixed pages, members, datasets by id. */
export function addressFile({ x, hub }: Pick<PortalDeps, 'x' | 'hub'>, from: number, most: number): string {
  const first = [...FIXED, ...[...x.trust.members()].map(({ id }) => `/members/${id}`)].map((path) => ({
    path,
    day: '',
  }))
  const head = first.slice(from, from + most)
  const datasets = x.entries
    .addresses(Math.max(0, from - first.length), most - head.length)
    .map(({ dataset, stored }) => ({
      path: `/datasets/${dataset}`,
      day: new Date(stored * 1000).toISOString().slice(0, 10),
    }))
  const { public: base } = hub()
  const lines = [...head, ...datasets].map(
    ({ path, day }) => `<url><loc>${xml(`${base}${path}`)}</loc>${day === '' ? '' : `<lastmod>${day}</lastmod>`}</url>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="${NAMESPACE}">\n${lines.join('\n')}\n</urlset>\n`
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
