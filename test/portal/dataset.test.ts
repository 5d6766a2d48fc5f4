/** A dataset's page over HTTP: what is signed in words a clerk understands, checked, judged, linked; and what stays of a withdrawn one. */
import t from 'tap'
import { toRfc3339 } from '#schemas/clock.ts'
import { textOf } from '../operator/operator-visitor.ts'
import { linksOf, next, STEEL, STEEL_ENTRY, startPortal } from './portal-scene.ts'

/** The words of the section under a heading. */
function sectionOf(body: string, heading: string): string {
  const from = body.search(new RegExp(`<h2>${heading}</h2>`))
  if (from < 0) throw new Error(`no section ${heading}`)
  const to = body.indexOf('</section>', from)
  return textOf(body.slice(from, to))
}

t.test('official item names, fields, sample, files', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL, STEEL_ENTRY)
  const { status, body } = await see(`/datasets/${one.id}/steel`)
  test.equal(status, 200)
  const facts = sectionOf(body, '元数据')
  for (const [item, value] of [
    ['信息资源分类', '行业发展基本情况 › 生产'],
    ['信息资源名称', '钢铁产量月度统计'],
    ['信息资源提供方', `名称${one.id}`],
    ['信息资源格式', 'CSV 表格'],
    ['共享类型', '无条件共享'],
    ['更新周期', '每月'],
    ['所属时期', '2025-01 至 2026-10'],
    ['地区', '河北省'],
  ] as const)
    test.match(facts, new RegExp(`${item} +${value}`), item)
  test.match(sectionOf(body, '信息项'), /月份.*产量（万吨）/)
  test.match(sectionOf(body, '公开样例'), /公开的 3 行.*2026-07 812 .*2026-09 818/)
  test.match(body, /<figure[\s\S]*<svg/, 'the sample is drawn')
  const anchors = linksOf(body, /^#(?!main$)/).map((href) => href.slice(1))
  test.ok(anchors.length > 8)
  test.same(
    anchors.filter((id) => !body.includes(` id="${id}"`)),
    [],
    'every part is where its link leads',
  )
  const english = (await see(`/en/datasets/${one.id}/steel`)).body
  test.match(textOf(english), /Steel output, monthly .*Unconditional/)

  await put(one, 'bare', { title: { zh: '没有样例' } })
  const bare = (await see(`/datasets/${one.id}/bare`)).body
  test.notMatch(bare, '公开样例</h2>')
  test.notMatch(bare, '<svg')
})

t.test('rights and how to apply follow the sharing type', async (test) => {
  const { one, see, put } = await startPortal(test)
  const permit = { authority: '示例统计局', number: '统调〔2026〕1号', form: 'SM-01', until: '2027-06-30' }
  await put(one, 'steel', STEEL)
  await put(one, 'survey', { contentClass: 3, sharing: 'conditional', audience: ['department'], permit })
  await put(one, 'closed', { sharing: 'none' })
  const rights = async (slug: string) => sectionOf((await see(`/datasets/${one.id}/${slug}`)).body, '权利与申请')
  test.match(await rights('steel'), `hanghui node request ${one.id}/steel --purpose "用途"`)
  test.match(await rights('steel'), '协议当即生效')
  test.match(await rights('survey'), /等待提供方同意和共享中心审批.*/)
  test.match(await rights('survey'), '统调〔2026〕1号')
  test.notMatch(await rights('closed'), /hanghui node|申请”/)
})

t.test('what a suspended or revoked provider has is marked wherever it stands, and not offered', async (test) => {
  const { one, see, put, world } = await startPortal(test)
  await put(one, 'prices', { ...STEEL, title: { zh: '价格' } })
  for (const [standing, mark, notice] of [
    ['suspended', '提供方已暂停', '现在不能申请和调取'],
    ['revoked', '提供方已吊销', '不能再申请和调取'],
  ] as const) {
    one.member.standing = standing
    world.publishTrust()
    for (const path of ['/', '/datasets', '/datasets?words=价格', `/members/${one.id}`])
      test.match(textOf((await see(path)).body), mark, `${standing}: ${path}`)
    const { body } = await see(`/datasets/${one.id}/prices`)
    test.match(textOf(body), new RegExp(`${mark}.*${notice}`))
    test.notMatch(body, '如何申请</a>')
    test.notMatch(sectionOf(body, '权利与申请'), 'hanghui node request')
    test.match(sectionOf(body, '质量与时效'), new RegExp(`数据可以申请 可访问性 ✗ 未达到 ${mark}`))
  }
  one.member.standing = 'good'
  world.publishTrust()
  test.match((await see(`/datasets/${one.id}/prices`)).body, '如何申请</a>')
  test.notMatch(textOf((await see('/datasets')).body), '提供方已')
})

t.test('quality: each criterion with verdict and reason; lateness told', async (test) => {
  const { world, one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL, STEEL_ENTRY)
  await put(one, 'bare', { title: { zh: '空' }, periodicity: 'irregular' })
  const page = async (slug: string) => (await see(`/datasets/${one.id}/${slug}`)).body
  const good = await page('steel')
  test.match(sectionOf(good, '质量与时效'), /按期更新 下期数据应于 2026-12-15 前发布。 适用的 13 项中达到 13 项/)
  const bare = await page('bare')
  const rows = [...bare.matchAll(/<th scope="row"[^>]*>[^<]*<\/th>.*?<span class="badge (\w+)">/gs)].map(
    ([, tone]) => tone,
  )
  const [, applying, met] = /适用的 (\d+) 项中达到 (\d+) 项/.exec(textOf(bare)) ?? []
  test.equal(rows.filter((tone) => tone === 'good').length, Number(met), 'the sum is that of the rows')
  test.equal(rows.filter((tone) => tone === 'good' || tone === 'warn').length, Number(applying))
  test.ok(Number(met) < Number(applying))

  world.time.now = Date.UTC(2026, 11, 20)
  for (const party of world.authority.members.values()) await world.authority.renew(party)
  world.publishTrust()
  const late = await page('steel')
  test.match(sectionOf(late, '质量与时效'), /已逾期 5 天 .*适用的 13 项中达到 12 项/)
})

t.test('versions with what changed; relations both ways; use without a counterparty', async (test) => {
  const { world, one, two, ministry, see, put, pull } = await startPortal(test)
  const entry = await put(
    one,
    'steel',
    { ...STEEL, relations: { downstream: [`${two.id}/cars`, `${two.id}/gone`] } },
    STEEL_ENTRY,
  )
  await put(two, 'cars', { ...STEEL, title: { zh: '汽车产量' } })
  await put(two, 'prices', { ...STEEL, title: { zh: '钢材价格' }, relations: { upstream: [`${one.id}/steel`] } })
  await pull(one, ministry, entry, 100)
  world.time.now += 60_000
  const grown = {
    ...next('steel', 2, 2),
    modified: toRfc3339(world.now()),
    bytes: 200,
    fields: [...(STEEL_ENTRY.fields ?? []), { name: '出口', type: 'number' }],
  }
  const { sample: _, ...unsampled } = { ...STEEL_ENTRY, ...grown }
  await put(one, 'steel', STEEL, unsampled)
  const { body } = await see(`/datasets/${one.id}/steel`)
  const history = sectionOf(body, '版本与变更')
  test.match(history, /第 2 版 .*新增信息项：出口 .*数据量：100 B → 200 B .*不再附公开样例.*第 1 版 .*首次发布/)
  const related = sectionOf(body, '关联数据')
  test.match(related, /下游 .*钢材价格 名称\w+，由对方登记/, 'named by the other')
  test.notMatch(related, '汽车产量', 'the newest description counts')
  test.match(sectionOf((await see(`/datasets/${two.id}/prices`)).body, '关联数据'), /上游 钢铁产量月度统计/)
  const use = sectionOf(body, '使用情况')
  test.match(use, /调取次数 1 累计数据量 100 B/)
  test.notMatch(body, ministry.id, 'who pulled is nowhere')
  test.match(
    textOf(body),
    `名称${one.id}. 钢铁产量月度统计[DS/OL]. 第 2 版. 测试共享中心, (2026-11-24)[2026-11-24]. http://hub.test/datasets/${one.id}/steel.`,
  )
})

t.test('the signature is checked step by step; the signed text comes as it was handed in', async (test) => {
  const { one, two, see, put } = await startPortal(test)
  const entry = await put(one, 'steel', STEEL)
  const at = `/datasets/${one.id}/steel`
  test.ok(linksOf((await see(at)).body).includes(`${at}/check`), 'one click away')
  const { status, body } = await see(`${at}/check`)
  test.equal(status, 200)
  const checks = [...body.matchAll(/<li class="(good|bad)">/g)].map(([, state]) => state)
  test.ok(checks.length >= 6 && checks.every((state) => state === 'good'), `${checks.length} steps`)
  test.match(textOf(body), /核验通过 .*hanghui verify steel\.proof\.json --root [0-9a-f]{64}/)
  const document = await see(`${at}/document.json`)
  test.equal(document.body, entry.text)
  test.equal(document.headers['content-disposition'], 'attachment; filename="steel.entry.json"')
  const proof = await see(`${at}/proof.json`)
  test.equal(proof.headers['content-disposition'], 'attachment; filename="steel.proof.json"')
  test.ok(
    JSON.stringify(JSON.parse(proof.body)).includes(JSON.stringify(entry.text)),
    'the proof is about this document',
  )
  test.equal((await see(`/datasets/${two.id}/steel/check`)).status, 404)
})

t.test('for machines: DCAT and the core metadata', async (test) => {
  const { one, see, put } = await startPortal(test)
  await put(one, 'steel', STEEL)
  const dcat = await see(`/datasets/${one.id}/steel/dcat.json`)
  test.equal(dcat.headers['content-type'], 'application/ld+json; charset=utf-8')
  test.match(dcat.body, '钢铁产量月度统计')
  test.ok(JSON.parse(dcat.body)['@context'])
  test.match(JSON.stringify(JSON.parse((await see(`/datasets/${one.id}/steel/metadata.json`)).body)), '信息资源名称')
  const missing = await see(`/datasets/${one.id}/nothing/dcat.json`, { accept: 'application/json' })
  test.equal(missing.status, 404)
  test.match(JSON.parse(missing.body), { code: 'DATASET_UNKNOWN' })
})

t.test('withdrawn: gone for good, with the reason, and out of every list', async (test) => {
  const { one, see, put, bury } = await startPortal(test)
  await put(one, 'steel', STEEL)
  await bury(one, 'steel', 2, '口径调整 <b>')
  const { status, body } = await see(`/datasets/${one.id}/steel`)
  test.equal(status, 410)
  test.match(textOf(body), /钢铁产量月度统计 .*已由提供方撤回 .*口径调整 <b>/)
  test.match(body, '<meta name="robots" content="noindex"')
  test.match((await see('/datasets')).body, '目录里还没有数据集')
  test.notMatch((await see('/sitemap.xml')).body, 'steel')
  await put(one, 'steel', STEEL, { sequence: 3, terms: 2 })
  const back = await see(`/datasets/${one.id}/steel`)
  test.equal(back.status, 200)
  test.match(sectionOf(back.body, '版本与变更'), '曾撤回：口径调整')
})
