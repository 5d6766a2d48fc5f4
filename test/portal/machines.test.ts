/** What crawlers and browsers ask for by name, and the page of whoever is lost. */
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import type { Raw } from '#web/pages/page.ts'
import type { Handler, PageRoutes } from '#web/pages/serve-pages.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { PortalDeps } from '../../hub/portal/portal-deps.ts'
import { siteMapPages } from '../../hub/portal/site-map.ts'
import { textOf } from '../operator/operator-visitor.ts'
import { linksOf, STEEL, startPortal } from './portal-scene.ts'
import { childrenOf, type Element, readXml, textOf as textIn } from './read-xml.ts'

const addresses = (file: Element) => file.children.map((child) => textIn(child, 'loc') as string)

t.test('the site map lists every page that there is to read', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  const answer = await see('/sitemap.xml')
  test.equal(answer.headers['content-type'], 'application/xml; charset=utf-8')
  const map = readXml(answer.body)
  test.equal(map.name, 'urlset')
  test.equal(map.attributes['xmlns'], 'http://www.sitemaps.org/schemas/sitemap/0.9')
  const listed = addresses(map)
  test.ok(listed.includes(`http://hub.test/datasets/${one.id}/steel`))
  test.ok(listed.includes('http://hub.test/guides/join'))
  test.match(
    answer.body,
    /<loc>http:\/\/hub\.test\/en\/about<\/loc><xhtml:link rel="alternate" hreflang="zh-CN" href="http:\/\/hub\.test\/about"\/>/,
  )
  const forPeople = linksOf((await see('/sitemap')).body)
  for (const path of ['/datasets?class=1', '/members', '/guides/join', '/standards/codes', '/trust', '/about'])
    test.ok(forPeople.includes(path), `${path} is on the page for people`)
  for (const address of listed) {
    const { status, body } = await see(address.slice('http://hub.test'.length))
    test.equal(status, 200, address)
    test.notMatch(body, 'name="robots"', `${address} may be indexed`)
  }
  test.equal((await see('/sitemap-2.xml')).status, 404)
  test.equal((await see('/sitemap-0.xml')).status, 404)
})

t.test('beyond 50,000 addresses it is an index of files that together list each address once', async (test) => {
  const count = 120_000
  const files = new Map<string, Handler>()
  const pages = { get: (path: string, handler: Handler) => void files.set(path, handler) } as unknown as PageRoutes
  const entries = {
    addresses: (from: number, most: number) =>
      Array.from({ length: Math.max(0, Math.min(most, count - from)) }, (_, at) => ({
        dataset: `51100000PDY00001X3/d${from + at}`,
        stored: 1_790_000_000,
      })),
  }
  siteMapPages(pages, {
    x: { trust: { members: () => [{ id: '51100000PDY00001X3' }] }, entries },
    index: { count: () => count },
    contents: { pages: async () => [], notices: async () => [] },
    hub: () => ({ name: '中心', public: 'http://hub.test' }),
  } as unknown as PortalDeps)
  const [whole, part] = [...files.values()] as [Handler, Handler]
  const ask = async (handler: Handler, page = '') => {
    const visit = { params: { page } } as unknown as Visit
    const found = await handler(visit, { headers: {} } as FastifyRequest, undefined as never)
    return readXml((found as Raw).raw as string)
  }
  const index = await ask(whole)
  test.equal(index.name, 'sitemapindex')
  test.same(
    addresses(index),
    [1, 2, 3, 4, 5].map((page) => `http://hub.test/sitemap-${page}.xml`),
  )
  const all = new Set<string>()
  for (const page of ['1', '2', '3', '4', '5']) {
    const listed = addresses(await ask(part, page))
    test.ok(listed.length <= 50_000)
    for (const address of listed) {
      if (all.has(address)) test.fail(`${address} twice`)
      all.add(address)
    }
  }
  test.ok(
    all.size > 2 * count &&
      all.has(`http://hub.test/en/datasets/51100000PDY00001X3/d0`) &&
      all.has(`http://hub.test/datasets/51100000PDY00001X3/d${count - 1}`),
  )
  await test.rejects(ask(part, '6'), { code: 'NOT_FOUND' })
})

t.test('robots and the description of the search', async (test) => {
  const { see } = await startPortal(test)
  const robots = await see('/robots.txt')
  test.equal(robots.headers['content-type'], 'text/plain; charset=utf-8')
  test.match(robots.body, /^User-agent: \*\n(Disallow: \/\S+\n)+Sitemap: http:\/\/hub\.test\/sitemap\.xml\n$/)
  const description = readXml((await see('/en/opensearch.xml')).body)
  test.equal(description.name, 'OpenSearchDescription')
  test.ok((textIn(description, 'ShortName') ?? '').length <= 16)
  test.same(
    childrenOf(description, 'Url').map(({ attributes }) => [attributes['type'], attributes['template']]),
    [
      ['text/html', 'http://hub.test/en/datasets?words={searchTerms}'],
      ['application/x-suggestions+json', 'http://hub.test/en/suggest.json?words={searchTerms}'],
      ['application/atom+xml', 'http://hub.test/en/datasets.atom?words={searchTerms}'],
    ],
  )
  test.match((await see('/en/')).body, 'type="application/opensearchdescription+xml"')
})

t.test('the lost are helped: a field to search with, names that begin alike', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel-output', STEEL)
  for (const path of ['/steel', `/datasets/${one.id}/steel`, '/en/old/steel.html']) {
    const { status, body } = await see(path)
    test.equal(status, 404, path)
    test.match(body, /<input type="search"[^>]*value="steel/)
    test.match(body, '<meta name="robots" content="noindex"')
  }
  const { body } = await see(`/datasets/${one.id}/steel`)
  test.match(textOf(body), '您要找的是不是： 钢铁产量月度统计')
  test.ok(linksOf(body).includes(`/datasets/${one.id}/steel-output`))
  test.equal((await see('/%E0%A4%A')).status, 404, 'an address that is no text')
  const machine = await see('/nothing', { accept: 'application/json' })
  test.equal(machine.status, 404)
  test.match(JSON.parse(machine.body), { code: 'NOT_FOUND' })
})
