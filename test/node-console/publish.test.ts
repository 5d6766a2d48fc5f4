/** The wizard and my datasets as a browser without scripts sees them, on a real hub and real nodes. */
import iconv from 'iconv-lite'
import t from 'tap'
import { agree } from '../kit/act.ts'
import { CODES, eventually, type Network, type Party, startNetwork } from '../kit/start-network.ts'
import { enterConsole, type OperatorVisitor, type Seen, textOf } from '../operator/operator-visitor.ts'

const OWNER = CODES.alice.uscc

/** Months from January 2023; `bad`: lines by row of the file, the header being row 1. */
function months(
  count: number,
  bad: Readonly<Record<number, string>> = {},
  head = '月份,从业人数（千人）,失业率（%）',
): Buffer {
  const lines = [head]
  for (let row = 2; row < count + 2; row++) {
    const month = `${2023 + Math.floor((row - 2) / 12)}-${String(((row - 2) % 12) + 1).padStart(2, '0')}`
    lines.push(bad[row] ?? `${month},${12_000 + row},${(4 + row / 100).toFixed(2)}`)
  }
  return iconv.encode(`${lines.join('\r\n')}\r\n`, 'gb18030')
}

const BAD = { 5: '2023-04,一万二千,4.05', 12: '2023-13,12012,4.12', 20: '2024-07,12020,约4.2' }
const ABOUT = {
  titleZh: '月度从业人数（模拟数据）',
  slug: 'monthly',
  descriptionZh: '模拟数据。\n口径：月末在岗人数。',
  contentClass: '2',
  theme: 'workforce',
  industries: ['C', 'C31'],
  region: '110000',
  periodFrom: '2023-01',
  periodTo: '2025-06',
  periodicity: 'monthly',
  keywords: '就业、失业率',
  responsibleUnit: '信息部',
}
const RIGHTS = { sharing: 'conditional', audience: ['association', 'department'], sample: 'yes', sampleRows: '3' }

function enter(node: Party): Promise<OperatorVisitor> {
  return enterConsole((name, args) => node.call(name, args) as Promise<{ url: string }>, '王敏')
}

function goesTo(answer: Seen): string {
  if (answer.status !== 303) throw new Error(`${answer.status}: ${textOf(answer.body)}`)
  return String(answer.headers['location'])
}

/** Follows a job to the page at its end; its page says how far it is without any script. */
async function finish(staff: OperatorVisitor, answer: Seen): Promise<string> {
  const job = goesTo(answer)
  if (!job.startsWith('/jobs/')) throw new Error(`no job: ${job}`)
  return eventually(async () => {
    const seen = await staff.get(job)
    if (seen.status >= 400) throw new Error(textOf(seen.body))
    return seen.status === 303 && goesTo(seen)
  }, 'the job ends')
}

/** Rows of the findings' table as words. */
function findings(body: string): string[][] {
  const table = /<caption[^>]*>不合格的单元格<\/caption>.*?<tbody>(.*?)<\/tbody>/s.exec(body)?.[1] ?? ''
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => textOf(cell).trim()),
  )
}

/** From a file to the signature. Returns the dataset's page. */
async function publish(staff: OperatorVisitor, file: Buffer, about: object, rights: object): Promise<string> {
  const table = goesTo(await staff.upload('/publish', 'files', file, '月报.csv'))
  const draft = table.replace('/table', '')
  goesTo(await staff.post(table, {}))
  goesTo(await staff.post(`${draft}/about`, { ...ABOUT, ...about }))
  goesTo(await staff.post(`${draft}/rights`, { ...RIGHTS, ...rights }))
  return finish(staff, await staff.post(`${draft}/sign`, {}))
}

t.test('from a GB18030 table with three bad cells to a published dataset, without any script', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice'] })
  const node = network.node('alice')
  const staff = await enter(node)
  const nothing = await staff.upload('/publish', 'files', '', '')
  t.match(textOf(await staff.after(nothing)), '请先选择文件')
  const empty = await staff.upload('/publish', 'files', '', '空.csv')
  t.equal(empty.status, 400)
  t.match(textOf(empty.body), '文件“空.csv”是空的 请检查文件，重新选择')

  const table = goesTo(await staff.upload('/publish', 'files', months(30, BAD), '月报.csv'))
  const draft = table.replace('/table', '')
  const bad = await staff.get(table)
  t.same(findings(bad.body), [
    ['5', 'B 从业人数（千人）', '一万二千', '“一万二千”不是整数'],
    ['12', 'A 月份', '2023-13', '“2023-13”不是年月（如 2025-06）'],
    ['20', 'C 失业率（%）', '约4.2', '“约4.2”不是数值'],
  ])
  t.match(textOf(bad.body), /编码 GB18030 .*分隔符 逗号 .*30 行，3 列/)
  t.equal([...bad.body.matchAll(/class="bad-cell"/g)].length, 3, 'they are marked where they stand')
  const typed = {
    'title-1': '从业人数',
    'description-1': '月末在岗，千人',
    'kind-1': 'integer',
    'title-0': '',
    'title-2': '',
  }
  t.equal(goesTo(await staff.post(table, typed)), table, 'it does not go on')
  t.match(textOf((await staff.get(`${draft}/sign`)).body), '还不能发布')

  const stored = /name="file" value="([^"]+)"/.exec(bad.body)?.[1] ?? ''
  t.equal(goesTo(await staff.upload(`${draft}/replace`, 'upload', months(30), '月报.csv', { file: stored })), table)
  const good = (await staff.get(table)).body
  t.same(findings(good), [])
  t.match(good, /name="title-1"[^>]*value="从业人数"/, 'what was typed is still there')
  t.equal(goesTo(await staff.post(table, { ...typed, 'kind-1': '' })), `${draft}/about`)

  await network.nodes['alice']?.stop()
  await network.nodes['alice']?.start()
  const again = await enter(node)
  t.match(textOf((await again.get('/publish')).body), '月报.csv', 'the draft outlives a restart')
  const wrong = await again.post(`${draft}/about`, { ...ABOUT, theme: '', periodTo: '2022', keywords: '甲' })
  t.equal(wrong.status, 422)
  t.match(wrong.body, /aria-describedby="f-theme-hint f-theme-error"[^>]*aria-invalid="true"/)
  t.match(textOf(wrong.body), '第二类信息（行业发展基本情况）必须选择主题。请选择一个主题')
  t.match(wrong.body, /<a href="#f-theme">主题<\/a>/, 'the list leads to it')
  t.match(wrong.body, /name="keywords"[^>]*value="甲"/)
  t.equal(goesTo(await again.post(`${draft}/about`, ABOUT)), `${draft}/rights`)
  const rights = (await again.get(`${draft}/rights`)).body
  t.match(textOf(rights), /这 5 行.*2023-01 12002 4\.02/, 'the rows that would become public are shown')
  const refused = await again.post(`${draft}/rights`, { ...RIGHTS, sharing: 'unconditional', sensitive: 'yes' })
  t.equal(refused.status, 422)
  t.match(textOf(refused.body), '敏感数据不能无条件共享')
  const { audience: _, ...nobody } = RIGHTS
  const unticked = await again.post(`${draft}/rights`, { ...nobody, sharing: 'unconditional' })
  t.equal(unticked.status, 422, 'sharing with nobody is never taken for sharing with everybody')
  t.match(textOf(unticked.body), '谁可以申请 ：请至少选择一项')
  t.notMatch(unticked.body, /name="audience"[^>]*checked/, 'what was unticked stays so')
  t.equal(goesTo(await again.post(`${draft}/rights`, RIGHTS)), `${draft}/preview`)
  const preview = textOf((await again.get(`${draft}/preview`)).body)
  for (const words of [
    '信息资源提供方 示例协会甲',
    '更新周期 每月',
    '共享类型 有条件共享',
    '从业人数 从业人数（千人） 整数 月末在岗，千人',
  ])
    t.match(preview, words)

  t.match(
    textOf((await again.get(`${draft}/sign`)).body),
    /将要签名的 数据集 月度从业人数（模拟数据） 版本 第 1 版 文件 月报\.csv（.*上一步/,
    'who signs sees what',
  )

  const page = await finish(again, await again.post(`${draft}/sign`, {}))
  t.equal(page, '/datasets/monthly?published=published')
  const published = textOf((await again.get(page)).body)
  t.match(published, /第 1 版已发布.*第 1 版 .* 30 .*月报\.csv 新增/)
  t.match(await node.call('datasets'), [{ dataset: `${OWNER}/monthly`, version: 1, state: 'published' }])
  t.match(await network.hub.call('catalog'), [{ id: `${OWNER}/monthly`, state: 'published' }])
  t.equal((await again.get(`${draft}/table`)).status, 404, 'the draft has gone')
  t.equal((await again.get(`/en${page}`)).status, 200)
})

t.test('step 2 by forms alone: how to read, which files, pages of findings; stopping half way', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice'] })
  const staff = await enter(network.node('alice'))
  const bad = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [index * 10 + 2, `第${index}月,1,1`]))
  const table = goesTo(await staff.upload('/publish', 'files', months(1_500, bad), 'a.csv'))
  const draft = table.replace('/table', '')
  t.same(findings((await staff.get(table)).body), [], 'so many words make a column of text')
  const typed = { 'title-0': '月', 'kind-0': 'yearmonth', 'title-1': '', 'title-2': '' }
  t.equal(goesTo(await staff.post(table, typed)), table, 'a person knows better')
  const first = await staff.get(table)
  t.match([findings(first.body).length, findings(first.body)[0]], [50, ['2', 'A 月份', '第0月', /不是年月/]])
  const next = /href="([^"]*[?&](?:amp;)?findings=1[^"]*)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  t.match(
    findings((await staff.get(next.replace(/#.*/, ''))).body).map(([row]) => row),
    ['502', '512', '522', '532', '542', '552', '562', '572', '582', '592'],
  )

  goesTo(await staff.post(`${draft}/reading`, { encoding: 'gb18030', headerRow: '2' }))
  const reread = (await staff.get(table)).body
  t.match(textOf(reread), /表头在 第 2 行/)
  t.match(reread, /name="headerRow"[^>]*value="2"/)
  goesTo(await staff.post(`${draft}/reading`, {}))
  t.match(textOf((await staff.get(table)).body), /表头在 第 1 行/)

  const other = await staff.upload(`${draft}/files`, 'files', months(12), 'b.csv')
  t.equal(goesTo(other), table)
  const files = (await staff.get(`${draft}/files`)).body
  t.match(textOf(files), /a\.csv .* b\.csv/)
  const [stored = ''] = [...files.matchAll(/name="file" value="([^"]+)"/g)].map(([, value = '']) => value)
  goesTo(await staff.post(`${draft}/remove`, { file: stored }))
  goesTo(await staff.post(table, { again: 'yes' }))
  t.notMatch(textOf((await staff.get(table)).body), 'a.csv')
  goesTo(await staff.post(`${draft}/reading`, { headerRow: '900' }))
  t.match(
    textOf((await staff.get(table)).body),
    /没有读到表格 表头在第 900 行 改回自动识别/,
    'a wrong reading has a way back',
  )
  goesTo(await staff.post(`${draft}/reading`, {}))
  t.same(findings((await staff.get(table)).body), [], 'the columns are those of what is left')

  const later = await staff.post(`${draft}/about`, { titleZh: '半途', contentClass: '3', later: 'yes' })
  t.equal(goesTo(later), '/publish', 'nobody has to finish')
  t.match(textOf(await staff.after(later)), /草稿已保存。.*半途/)
  const rights = (await staff.post(`${draft}/rights`, { sharing: 'conditional' })).body
  t.match(rights, /name="permitAuthority"[^>]*aria-invalid="true"/, 'a survey needs its permit')
  t.match(textOf(rights), '平台处于建设阶段，信息免费共享')
  t.match(textOf((await staff.get(`${draft}/preview`)).body), /还不能发布.*短名：请填写此项.*批准机关：请填写此项/)
  t.equal(goesTo(await staff.post(`${draft}/sign`, {})), `${draft}/preview`, 'and it cannot be forced')
})

t.test('revising: filled in as it was, the file and the period change; what a form does not show stays', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const node = network.node('alice')
  const staff = await enter(node)
  await publish(staff, months(30), {}, {})
  const agreement = await agree(network, network.node('ministry'), node, `${OWNER}/monthly`)
  t.ok(agreement)

  const files = goesTo(await staff.post('/datasets/monthly/revise', {}))
  t.equal(goesTo(await staff.post('/datasets/monthly/revise', {})), files, 'one draft of it is enough')
  const draft = files.replace('/files', '')
  goesTo(await staff.upload(files, 'files', months(31), '月报.csv'))
  goesTo(await staff.post(`${draft}/table`, {}))
  const about = (await staff.get(`${draft}/about`)).body
  t.match(about, /name="periodTo"[^>]*value="2025-06"/)
  t.notMatch(about, 'name="slug"')
  const { slug: _slug, ...rest } = ABOUT
  goesTo(await staff.post(`${draft}/about`, { ...rest, periodTo: '2025-07' }))
  goesTo(await staff.post(`${draft}/rights`, RIGHTS))
  const page = await finish(staff, await staff.post(`${draft}/sign`, {}))
  t.equal(page, '/datasets/monthly?published=published')
  const seen = textOf((await staff.get(page)).body)
  t.match(seen, /第 2 版 .* 31 .*月报\.csv 内容有变.*第 1 版 .* 30 /)
  t.match(seen, '示例部门', 'who asked is named')

  const words = goesTo(await staff.post('/datasets/monthly/revise', {})).replace('/files', '')
  t.equal(goesTo(await staff.post(`${words}/files`, {})), `${words}/about`, 'the files may stay as they are')
  goesTo(await staff.post(`${words}/about`, { ...rest, periodTo: '2025-07', titleZh: '改过的名称' }))
  goesTo(await staff.post(`${words}/rights`, RIGHTS))
  await finish(staff, await staff.post(`${words}/sign`, {}))
  const [listed] = await node.call<{ version: number; title: { zh: string }; terms: number }[]>('datasets')
  t.match(listed, { version: 2, title: { zh: '改过的名称' }, terms: 1 })

  const taken = goesTo(await staff.upload('/publish', 'files', months(12), 'b.csv')).replace('/table', '')
  const refused = await staff.post(`${taken}/about`, ABOUT)
  t.equal(refused.status, 422)
  t.match(textOf(refused.body), '这个短名已经用在本单位的另一个数据集上')
  goesTo(await staff.post(`${taken}/about`, { ...ABOUT, slug: 'twice' }))
  goesTo(await staff.post(`${taken}/rights`, RIGHTS))
  const second = goesTo(await staff.upload('/publish', 'files', months(12), 'twice.csv')).replace('/table', '')
  goesTo(await staff.post(`${second}/table`, {}))
  t.match((await staff.get(`${second}/about`)).body, /name="slug"[^>]*value="twice-2"/, 'a draft has the name already')
  goesTo(await staff.post(`${second}/about`, { ...ABOUT, slug: 'twice' }))
  goesTo(await staff.post(`${second}/rights`, RIGHTS))
  await finish(staff, await staff.post(`${second}/sign`, {}))
  await staff.post(`${taken}/table`, {})
  const late = goesTo(await staff.post(`${taken}/sign`, {}))
  const told = await eventually(
    async () => {
      const { body } = await staff.get(late)
      return body.includes('data-job=') ? undefined : textOf(body)
    },
    'the job ends',
    600,
  )
  t.match(told, 'SLUG_TAKEN', 'it does not become the next version of the other')
  const versions = await node.call<{ dataset: string; version: number }[]>('datasets')
  t.equal(versions.find(({ dataset }) => dataset.endsWith('/twice'))?.version, 1)
  goesTo(await staff.post(`${taken}/discard`, {}))
  await node.call('withdraw', { dataset: `${OWNER}/twice`, reason: '测试' })
  t.notMatch(textOf((await staff.get('/publish')).body), 'b.csv')

  const warning = textOf((await staff.get('/datasets/monthly/withdraw')).body)
  t.match(warning, '正在使用它的 1 家单位将不能再取：示例部门')
  const empty = await staff.post('/datasets/monthly/withdraw', { reason: '' })
  t.ok(empty.status >= 400)
  t.match(textOf(empty.body), '撤回以后', 'the form is shown again')
  const gone = await staff.after(await staff.post('/datasets/monthly/withdraw', { reason: '口径<b>调整' }))
  t.match(textOf(gone), /数据集已撤回。.*口径<b>调整/)
  t.match(await node.call('datasets'), [{ state: 'withdrawn' }, { state: 'withdrawn' }])
})

t.test('a joint dataset waits for the other owner, who signs it at the console', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice', 'bob'] })
  const [alice, bob] = [await enter(network.node('alice')), await enter(network.node('bob'))]
  const joint = { ownership: 'JOINT', owners: OWNER, ownersMore: '示例协会乙' }
  const page = await publish(alice, months(12), { periodTo: '' }, joint)
  t.equal(page, '/datasets/monthly?published=waiting')
  t.match(textOf((await alice.get('/datasets')).body), /还缺示例协会乙的签名/)
  network.shift(60)
  const told = await eventually(async () => {
    const seen = (await bob.get('/')).body
    return textOf(seen).includes('1 个共有数据集等本单位会签') && seen
  }, 'who has to sign is told')
  t.match(textOf(told), '我的数据集 1')
  t.match(textOf((await alice.get('/')).body), '没有等您处理的事', 'who wrote it waits for others')
  const waiting = (await bob.get('/datasets')).body
  t.match(
    textOf(waiting),
    /月度从业人数（模拟数据） 第 1 版 由示例协会甲起草。.*每一份申请须经提供方同意.*责任单位 信息部.*会签表示/,
    'who signs sees what',
  )
  const entry = /name="entry" value="([0-9a-f]{64})"/.exec(waiting)?.[1] ?? ''
  const other = await bob.post('/datasets/cosign', { dataset: `${OWNER}/monthly`, entry: 'a'.repeat(64) })
  t.equal(other.status, 409)
  t.match(textOf(other.body), '请先阅读新的', 'nothing is signed that was not on the page')
  const signed = await bob.after(await bob.post('/datasets/cosign', { dataset: `${OWNER}/monthly`, entry }))
  t.match(textOf(signed), '所有者都已签名')
  t.notMatch(textOf(signed), '我的数据集 1')
  await eventually(async () => {
    const [one] = await network.node('alice').call<{ state: string }[]>('datasets')
    return one?.state === 'published'
  }, 'the publisher hears of it')

  const shared = (await bob.get('/datasets')).body
  t.match(textOf(shared), /本单位会签过的数据集.*月度从业人数（模拟数据） 示例协会甲 1 撤回…/)
  const form = `/joint/${OWNER}/monthly/withdraw`
  t.match(shared, `href="${form}"`)
  t.match(textOf((await bob.get(form)).body), '对所有所有者生效')
  t.equal((await bob.get(`/joint/${OWNER}/other/withdraw`)).status, 404)
  const unsaid = await bob.post(form, { reason: '' })
  t.match(unsaid.body, 'id="f-reason-error"')
  t.notMatch(textOf(unsaid.body), 'minLength', 'in words, not in those of a schema')
  const gone = await bob.after(await bob.post(form, { reason: '口径调整' }))
  t.match(textOf(gone), '数据集已撤回')
  t.notMatch(textOf(gone), '本单位会签过的数据集')
  await eventually(async () => {
    const [one] = await network.node('alice').call<{ state: string }[]>('datasets')
    return one?.state === 'withdrawn'
  }, 'the publisher obeys')
})

t.test('hostile names are text; large files are looked at by a job; without the hub a publication waits', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice'] })
  const staff = await enter(network.node('alice'))
  const head = '月份,<script>alert(1)</script>,<img src=x>'
  const rows = months(20, { 3: '<b>x</b>,1,1' }, head)
  const named = await staff.upload('/publish', 'files', rows, '<img src=x>.csv')
  t.equal(named.status, 422)
  t.match(textOf(named.body), '文件名不能用')
  t.notMatch(named.body, '<img src=x')
  const hostile = goesTo(await staff.upload('/publish', 'files', rows, '&lt;img src=x&gt;.csv'))
  const body = (await staff.get(hostile)).body
  t.notMatch(body, /<script>alert|<img src=x|<b>x/)
  t.match(textOf(body), '<script>alert(1)</script>')
  t.match(textOf(body), '“<b>x</b>”不是年月')

  const large = Buffer.from(`值,名称\n${'12345678,一二三四五六七八\n'.repeat(150_000)}`)
  t.match(await finish(staff, await staff.upload('/publish', 'files', large, 'large.csv')), /\/table$/)

  const table = goesTo(await staff.upload('/publish', 'files', months(20), 'a.csv'))
  const draft = table.replace('/table', '')
  await network.hub.stop()
  goesTo(await staff.post(table, {}))
  goesTo(await staff.post(`${draft}/about`, ABOUT))
  goesTo(await staff.post(`${draft}/rights`, RIGHTS))
  const page = await finish(staff, await staff.post(`${draft}/sign`, {}))
  t.equal(page, '/datasets/monthly?published=queued')
  t.match(textOf((await staff.get(page)).body), '等待送达共享中心')
  t.match(textOf((await staff.get('/datasets')).body), '暂时查不到是否有共有数据集等待会签')
})
