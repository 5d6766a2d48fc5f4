/** 首页 and 数据目录 without scripts: facets, chips, order, pages, empty states, suggestions, what pages weigh. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { textOf } from '../operator/operator-visitor.ts'
import { linksOf, STEEL, startPortal } from './portal-scene.ts'

const MOST_BYTES = 60 * 1024
const words = (text: string) => encodeURIComponent(text)

/** Titles of the result, in order. */
const titlesOf = (body: string) => [...body.matchAll(/<h3><a href="[^"]*">([^<]*)<\/a>/g)].map(([, title]) => title)

/** What a facet's value leaves, as the page says it. */
function countBeside(body: string, value: string): string | undefined {
  return new RegExp(`<span>(?:<span[^>]*>[^<]*</span>)*${value}</span><span class="facet-count">([\\d,]+)<`).exec(
    body,
  )?.[1]
}

t.test('an empty catalogue says so and how it fills', async (test) => {
  const { see } = await startPortal(test)
  const home = await see('/')
  test.equal(home.status, 200)
  for (const text of ['还没有数据集', '还没有调取记录', '还没有可统计的数据集', '暂无通知']) test.match(home.body, text)
  test.match((await see('/datasets')).body, '目录里还没有数据集')
  test.match((await see('/en/datasets')).body, 'The catalogue is still empty')
})

t.test('facets combine, show what they would leave, and are taken off one by one', async (test) => {
  const { one, two, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  await put(one, 'iron', { ...STEEL, title: { zh: '生铁产量' }, sharing: 'conditional', industries: ['C31', 'B08'] })
  await put(two, 'coal', { ...STEEL, title: { zh: '煤炭产量' }, industries: ['B06'], region: '110000', theme: 'trade' })
  await put(two, 'basics', { title: { zh: '登记信息' }, contentClass: 1, sharing: 'none', periodicity: 'irregular' })

  const all = (await see('/datasets')).body
  test.match(textOf(all), '共 4 个数据集')
  test.same(titlesOf(all), ['登记信息', '煤炭产量', '生铁产量', '钢铁产量月度统计'], 'newest first')
  test.same(
    ['制造业', '采矿业', '未填写行业', '河北省', '有条件共享', '无偿'].map((value) => countBeside(all, value)),
    ['2', '2', '1', '2', '1', '4'],
  )

  const path = `/datasets?words=${words('产量')}&industry=C&sharing=unconditional`
  const narrow = (await see(path)).body
  test.same(titlesOf(narrow), ['钢铁产量月度统计'])
  test.equal(countBeside(narrow, '有条件共享'), '1', 'a facet counts as if it were not chosen itself')
  test.match(narrow, '黑色金属冶炼', 'below a chosen 门类 its 大类')
  const chips = narrow.slice(narrow.indexOf('class="chips"'), narrow.indexOf('</ul>', narrow.indexOf('class="chips"')))
  test.same(linksOf(chips), [
    `/datasets?words=${words('产量')}&sharing=unconditional`,
    `/datasets?words=${words('产量')}&industry=C`,
    `/datasets?words=${words('产量')}`,
  ])
  test.match(narrow, '<input type="hidden" name="industry" value="C"', 'other words are searched under the same facets')
  test.match(narrow, '<meta name="robots" content="noindex"', 'a crawler does not walk every combination')

  test.same(titlesOf((await see('/datasets?sharing=none&sharing=conditional')).body), ['登记信息', '生铁产量'])
  const strange = (await see('/datasets?region=%3Cscript%3E&sort=odd&nonsense=1')).body
  test.match(textOf(strange), '没有符合这些条件的数据集')
  test.notMatch(strange, '<script>')
})

t.test('nothing found: why that may be, and ways on', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  const { status, body } = await see(`/datasets?words=${words('钢铁价格指数')}&class=1`)
  test.equal(status, 200)
  test.match(textOf(body), /没有找到与“钢铁价格指数”有关的数据集 .*您要找的是不是： 钢铁产量月度统计/)
  test.ok(linksOf(body).includes(`/datasets?words=${words('钢铁价格指数')}`), 'the same words without conditions')
})

t.test('pages go on where the last ended, whatever came meanwhile', async (test) => {
  const { one, see, put } = await startPortal(test)
  const number = (at: number) => String(at).padStart(2, '0')
  for (let at = 0; at < 45; at++) await put(one, `s${number(at)}`, { title: { zh: `统计表${number(at)}` } })
  const seen: (string | undefined)[] = []
  for (let path: string | undefined = '/datasets?class=1', turns = 0; path !== undefined && turns < 5; turns++) {
    const { body } = await see(path)
    seen.push(...titlesOf(body))
    path = /rel="next" href="([^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
    await put(one, `late${turns}`, { title: { zh: `后来的${turns}` } })
  }
  test.same(
    seen,
    Array.from({ length: 45 }, (_, at) => `统计表${number(44 - at)}`),
  )
  const bad = await see('/datasets?cursor=AAAAAAAAAAAA')
  test.equal(bad.status, 400)
  test.match(bad.body, 'CURSOR_INVALID')
})

t.test('the most used come first where that is asked for; the front page counts', async (test) => {
  const { one, two, see, put, pull } = await startPortal(test)
  const used = await put(one, 'steel', STEEL, { bytes: 2_500_000 })
  await put(one, 'iron', { ...STEEL, title: { zh: '生铁产量' } })
  await pull(one, two, used, 2_500_000)
  test.same(titlesOf((await see('/datasets?sort=used')).body), ['钢铁产量月度统计', '生铁产量'])
  const home = textOf((await see('/en/')).body)
  test.match(home, /4 Members 2 Datasets 1 Pulls so far 2\.5 MB Shared so far/)
  test.match(home, /Most used .*Steel output, monthly Unconditional .*Pulled 1 time /)
})

t.test('suggestions: members by name, datasets by words, in the language asked', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  const suggest = async (path: string) => JSON.parse((await see(path)).body)
  test.same(await suggest(`/suggest?words=${words('钢')}`), [
    { kind: 'dataset', text: '钢铁产量月度统计', href: `/datasets/${one.id}/steel` },
  ])
  test.same(await suggest('/en/suggest?words=steel'), [
    { kind: 'dataset', text: 'Steel output, monthly', href: `/en/datasets/${one.id}/steel` },
  ])
  test.match(await suggest(`/suggest?words=${words('名称')}`), [{ kind: 'member', href: `/members/${one.id}` }])
  for (const nothing of ['', '%20', '%22*%20OR', 'zzz'])
    test.same(await suggest(`/suggest?words=${nothing}`), [], nothing)
  test.same(await suggest(`/suggest.json?words=${words('钢')}`), ['钢', ['钢铁产量月度统计']], "OpenSearch's shape")
})

t.test(
  'what a stranger types or a member writes stays text; nothing is inline; English stays English',
  async (test) => {
    const { one, see, put } = await startPortal(test)
    const attack = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    await put(one, 'bad', {
      ...STEEL,
      title: { zh: attack, en: attack },
      description: { zh: attack },
      keywords: ['<img src=x onerror=alert(1)>'],
      responsible: { unit: attack },
    })
    for (const path of [
      '/',
      '/datasets',
      `/datasets?words=${words(attack)}&region=${words(attack)}`,
      '/nope%3Cscript%3E',
    ])
      for (const address of [path, path === '/' ? '/en/' : `/en${path}`]) {
        const { body } = await see(address)
        test.notMatch(body, /<img src=x|<script>|<[^>]* on\w+=|<[^>]* style=|<style/, address)
        if (!address.startsWith('/en')) continue
        const inEnglish = body.replace(/<(?:a|link) [^>]*hreflang="zh-CN"[^>]*>/g, '')
        const machines = /^\/(?:en[/?]|en$|assets\/|api\/|catalog$|sitemap)/
        test.same(
          linksOf(inEnglish, /^\//).filter((href) => !machines.test(href)),
          [],
          `${address}: links stay English`,
        )
      }
    test.match((await see('/datasets')).body, '&lt;script>alert(1)')
  },
)

t.test('home and search travel light', async (test) => {
  const { one, see, put } = await startPortal(test)
  for (let at = 0; at < 25; at++) await put(one, `s${at}`, { ...STEEL, title: { zh: `统计表${at}` } })
  for (const path of ['/', '/datasets', '/en/', `/datasets?words=${words('统计表')}&class=2`]) {
    const page = await see(path)
    const files = [...new Set(linksOf(page.body, /^\/assets\/.*\.css/))]
    const scripts = [...page.body.matchAll(/src="(\/assets\/[^"]*\.js[^"]*)"/g)].map(([, address]) => address as string)
    test.ok(files.length > 3 && scripts.length > 0, 'style and script are there')
    let bytes = 0
    for (const address of [path, ...files, ...scripts]) {
      const answer = await see(address, { 'accept-encoding': 'br, gzip' })
      test.equal(answer.status, 200, address)
      bytes += answer.bytes.length
    }
    test.ok(bytes <= MOST_BYTES, `${path}: ${bytes} bytes`)
  }
})

t.test('a page is compressed for whoever takes that', async (test) => {
  const { see } = await startPortal(test)
  const plain = await see('/datasets')
  test.equal(plain.headers['content-encoding'], undefined)
  test.match(plain.headers['vary'], /cookie, accept-encoding/)
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync } as const
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5', 'br'],
    ['gzip, br;q=0', 'gzip'],
    ['gzip', 'gzip'],
  ] as const) {
    const packed = await see('/datasets', { 'accept-encoding': accepted })
    test.equal(packed.headers['content-encoding'], encoding, accepted)
    test.equal(unpack[encoding](packed.bytes).toString(), plain.body)
  }
})

t.test('Chinese on an English page says that it is Chinese', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  await put(one, 'cement', { title: { zh: '水泥产量' }, description: { zh: '模拟数据。' } })
  const marked = [...(await see('/en/datasets')).body.matchAll(/<(?:p|a)[^>]* lang="zh-CN"[^>]*>([^<]*)</g)]
  test.same(
    marked.map(([, text]) => text),
    ['中文', '水泥产量', '模拟数据。'],
  )
  test.match((await see(`/en/datasets/${one.id}/cement`)).body, '<h1 lang="zh-CN">水泥产量</h1>')
  test.match((await see(`/en/datasets/${one.id}/steel`)).body, '<h1>Steel output, monthly</h1>')
  test.match((await see(`/datasets/${one.id}/cement`)).body, '<h1>水泥产量</h1>')
})
