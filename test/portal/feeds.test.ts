/** Feeds of searches, members and datasets: Atom (RFC 4287) and JSON Feed 1.1, one entry per version. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { toRfc3339 } from '#schemas/clock.ts'
import { toAtom } from '../../hub/portal/feed-format.ts'
import { next, STEEL, startPortal } from './portal-scene.ts'
import { childrenOf, type Element, readXml, textOf } from './read-xml.ts'

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** Everything that RFC 4287 §4.1.1 and §4.1.2 demand. */
function checkAtom(test: Test, body: string, self: string): Element {
  const feed = readXml(body)
  test.equal(feed.name, 'feed')
  test.equal(feed.attributes['xmlns'], 'http://www.w3.org/2005/Atom')
  test.match(textOf(feed, 'updated'), DATE)
  test.ok(textOf(feed, 'title') !== '' && textOf(feed, 'id')?.startsWith('urn:'))
  const links = childrenOf(feed, 'link').map(({ attributes }) => [attributes['rel'], attributes['href']])
  test.same(links[0], ['self', `http://hub.test${self}`])
  test.match(links[1]?.[1], /^http:\/\/hub\.test\//)
  const entries = childrenOf(feed, 'entry')
  for (const entry of entries) {
    for (const name of ['id', 'title', 'updated']) test.equal(childrenOf(entry, name).length, 1, `one ${name}`)
    test.match(textOf(entry, 'updated'), DATE)
    test.ok(textOf(childrenOf(entry, 'author')[0] as Element, 'name'))
    test.match(childrenOf(entry, 'link')[0]?.attributes, { rel: 'alternate', href: /^http:\/\/hub\.test\// })
  }
  const ids = entries.map((entry) => textOf(entry, 'id'))
  test.equal(new Set(ids).size, ids.length, 'ids are unique')
  return feed
}

const idsOf = (feed: Element) => childrenOf(feed, 'entry').map((entry) => textOf(entry, 'id'))

t.test('a feed before anything was published is a whole one', async (test) => {
  const { see } = await startPortal(test)
  const atom = await see('/datasets.atom')
  test.equal(atom.headers['content-type'], 'application/atom+xml; charset=utf-8')
  test.same(idsOf(checkAtom(test, atom.body, '/datasets.atom')), [])
  test.match(JSON.parse((await see('/datasets.json')).body), { items: [] })
})

t.test('one entry per version; corrections are no news', async (test) => {
  const { world, one, two, see, put, bury } = await startPortal(test)
  const steel = `urn:hanghui:dataset:${one.id}/steel`
  const begun = toRfc3339(world.now())
  await put(one, 'steel', STEEL)
  world.time.now += 60_000
  await put(two, 'cement', { ...STEEL, title: { zh: '水泥 <b>&"\'' }, industries: ['C30'], region: '310000' })
  const before = checkAtom(test, (await see('/datasets.atom')).body, '/datasets.atom')
  test.same(idsOf(before), [`urn:hanghui:dataset:${two.id}/cement:version:1`, `${steel}:version:1`], 'newest first')
  test.equal(
    textOf(before.children.find(({ name }) => name === 'entry') as Element, 'title'),
    '水泥 <b>&"\'（第 1 版）',
  )

  await test.test('a corrected description moves nothing', async (test) => {
    world.time.now += 60_000
    const corrected = { ...STEEL, keywords: ['钢铁', '产量', '粗钢'] }
    await put(one, 'steel', corrected, { ...next('steel', 2, 1), modified: toRfc3339(world.now()) })
    const after = checkAtom(test, (await see('/datasets.atom')).body, '/datasets.atom')
    test.same(idsOf(after), idsOf(before))
    test.same(
      childrenOf(after, 'entry').map((entry) => textOf(entry, 'updated')),
      childrenOf(before, 'entry').map((entry) => textOf(entry, 'updated')),
    )
    test.equal(textOf(after, 'updated'), textOf(before, 'updated'))
    test.same(JSON.parse((await see(`/datasets/${one.id}/steel/feed.json`)).body).items.length, 1)
  })

  await test.test('a new version is news, here and in the feed of its dataset, with what changed', async (test) => {
    world.time.now += 60_000
    const grown = { ...STEEL, period: { from: '2025-01', to: '2026-11' } }
    await put(one, 'steel', grown, { ...next('steel', 3, 2), modified: toRfc3339(world.now()), bytes: 200 })
    const feed = checkAtom(test, (await see('/datasets.atom')).body, '/datasets.atom')
    test.same(idsOf(feed)[0], `${steel}:version:2`)
    const own = `/datasets/${one.id}/steel/feed.atom`
    const dataset = checkAtom(test, (await see(own)).body, own)
    test.same(idsOf(dataset), [`${steel}:version:2`, `${steel}:version:1`])
    const [second, first] = childrenOf(dataset, 'entry') as [Element, Element]
    test.match(textOf(second, 'summary'), '所属时期：2025-01 – 2026-10 → 2025-01 – 2026-11')
    test.equal(textOf(first, 'updated'), begun)
    test.same(
      JSON.parse((await see(`/datasets/${one.id}/steel/feed.json`)).body).items.map((item: { id: string }) => item.id),
      idsOf(dataset),
      'both formats say the same',
    )
  })

  await test.test('ids survive a new index and a restart', async (test) => {
    const path = `/datasets.atom?words=${encodeURIComponent('钢铁')}&region=130000`
    const [had] = [await see(path)]
    await world.restart(true)
    const has = await see(path)
    test.equal(has.body, had.body)
    test.equal(textOf(checkAtom(test, has.body, path), 'title'), '数据目录更新：“钢铁”，地区：河北省 · 测试共享中心')
  })

  await test.test('the feed of a member; of a withdrawn dataset, which tells of that', async (test) => {
    const path = `/members/${two.id}/feed.atom`
    const feed = checkAtom(test, (await see(path)).body, path)
    test.same(idsOf(feed), [`urn:hanghui:dataset:${two.id}/cement:version:1`])
    test.equal((await see('/members/51100000PDY0099999/feed.atom')).status, 404)
    world.time.now += 60_000
    await bury(two, 'cement', 2, '口径调整')
    test.same(idsOf(checkAtom(test, (await see(path)).body, path)), [])
    const own = `/en/datasets/${two.id}/cement/feed.atom`
    const last = checkAtom(test, (await see(own)).body, own)
    test.same(idsOf(last)[0], `urn:hanghui:dataset:${two.id}/cement:withdrawn:2`)
    test.equal(textOf(childrenOf(last, 'entry')[0] as Element, 'summary'), '口径调整')
    test.equal((await see(`/datasets/${two.id}/nothing/feed.json`)).status, 404)
  })
})

t.test('a description corrected a hundred times is still one piece of news, of its first day', async (test) => {
  const { world, one, see, put } = await startPortal(test)
  const begun = toRfc3339(world.now())
  await put(one, 'steel', STEEL)
  for (let sequence = 2; sequence <= 101; sequence++) {
    world.time.now += 1_000
    await put(one, 'steel', STEEL, { sequence, modified: toRfc3339(world.now()) })
  }
  const path = `/datasets/${one.id}/steel/feed.atom`
  const feed = checkAtom(test, (await see(path)).body, path)
  test.same(
    childrenOf(feed, 'entry').map((entry) => textOf(entry, 'updated')),
    [begun],
  )
  test.match((await see(`/datasets/${one.id}/steel`)).body, '其后更正说明 100 次')
})

t.test('JSON Feed 1.1', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  const answer = await see('/en/datasets.json?theme=production')
  test.equal(answer.headers['content-type'], 'application/feed+json; charset=utf-8')
  test.match(JSON.parse(answer.body), {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'News of the catalogue: Theme: Production · 测试共享中心',
    home_page_url: 'http://hub.test/en/datasets?theme=production',
    feed_url: 'http://hub.test/en/datasets.json?theme=production',
    language: 'en',
    items: [
      {
        id: `urn:hanghui:dataset:${one.id}/steel:version:1`,
        url: `http://hub.test/en/datasets/${one.id}/steel`,
        title: 'Steel output, monthly (version 1)',
        content_text: /Unconditional/,
        date_published: DATE,
        authors: [{ name: `名称${one.id}` }],
      },
    ],
  })
})

t.test('who has it is told so (304), until something is new', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  for (const path of [
    '/datasets.atom',
    '/datasets.json',
    `/datasets/${one.id}/steel/feed.atom`,
    `/members/${one.id}/feed.json`,
    '/sitemap.xml',
    `/datasets/${one.id}/steel/dcat.json`,
  ]) {
    const { headers } = await see(path)
    const tag = String(headers['etag'])
    test.match(tag, /^W\/"[0-9a-f]{32}"$/, path)
    const again = await see(path, { 'if-none-match': `"other", ${tag}` })
    test.equal(again.status, 304, path)
    test.equal(again.body, '')
    test.equal(again.headers['etag'], tag)
    test.equal((await see(path, { 'if-none-match': '"other"' })).status, 200)
  }
  const { headers } = await see('/datasets.atom')
  await put(one, 'copper', STEEL)
  test.equal((await see('/datasets.atom', { 'if-none-match': String(headers['etag']) })).status, 200)
})

t.test('both are linked in the head of the page and visibly', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  for (const [page, feed] of [
    ['/datasets?theme=production', '/datasets.atom?theme=production'],
    [`/datasets/${one.id}/steel`, `/datasets/${one.id}/steel/feed.atom`],
    [`/members/${one.id}`, `/members/${one.id}/feed.atom`],
  ] as const) {
    const [head = '', body = ''] = (await see(page)).body.split('</head>')
    test.match(head, `type="application/atom+xml"`, page)
    test.ok(head.includes(`href="${feed}"`), `${page}: in the head`)
    test.ok(head.includes(`href="${feed.replace('atom', 'json')}"`), `${page}: JSON in the head`)
    test.ok(body.includes(`href="${feed}"`), `${page}: in the page`)
  }
})

t.test('whatever is written into an entry, an Atom reader gets it back', async () => {
  const any = fc.string({ unit: 'binary', maxLength: 30 })
  const kept = (text: string) => text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, '')
  fc.assert(
    fc.property(any, any, (title, summary) => {
      const entry = {
        id: 'urn:a',
        title,
        href: 'http://hub.test/',
        updated: '2026-11-25T00:00:00Z',
        author: title,
        summary,
      }
      const feed = {
        id: 'urn:f',
        title,
        lang: 'en',
        home: 'http://hub.test/',
        self: 'http://hub.test/a',
        updated: entry.updated,
      } as const
      const read = readXml(toAtom({ ...feed, entries: [{ ...entry, categories: [title] }] }))
      const [only] = childrenOf(read, 'entry') as [Element]
      return [textOf(only, 'title'), textOf(only, 'summary')].every(
        (text, at) => kept(text ?? '') === kept(at === 0 ? title : summary),
      )
    }),
  )
})
