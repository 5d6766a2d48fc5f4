/** From a request to the opened file, as two people do it at the consoles of their nodes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { read, utils } from '@e965/xlsx'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { agree, metaOf, PURPOSE, type Pulled, publish, pull } from '../kit/act.ts'
import { verifyProofs } from '../kit/command-line.ts'
import { APPROVER, CODES, eventually, type Network, type Party, startNetwork } from '../kit/start-network.ts'
import { enterConsole, type Seen, textOf } from '../operator/operator-visitor.ts'

const DATASET = `${CODES.bob.uscc}/monthly`
const HEAD = '月份,从业人数（千人）,备注'
const LINES = Array.from(
  { length: 2_300 },
  (_, at) => `${1900 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')},${at - 5},=${at}+1`,
)
const BYTES = iconv.encode(`${[HEAD, ...LINES].join('\r\n')}\r\n`, 'gb18030')

async function enter(node: Party) {
  const staff = await enterConsole((name, args) => node.call(name, args) as Promise<{ url: string }>, '王敏')
  return {
    ...staff,
    read: async (path: string) => textOf((await staff.get(path)).body),
    /** A form whose work is a job: the page on which the job ends. */
    async finish(answer: Seen): Promise<string> {
      let path = String(answer.headers['location'])
      const page = await eventually(
        async () => {
          const seen = await staff.get(path)
          if (seen.status === 303) path = String(seen.headers['location'])
          else if (!seen.body.includes('data-job=')) return seen.body
          return undefined
        },
        'the job ends',
        600,
      )
      return textOf(page)
    },
  }
}

type Staff = Awaited<ReturnType<typeof enter>>

/** What a form of this page would send besides what a person types. */
function wordsOf(body: string): string {
  return /name="words" value="([0-9a-f]{64})"/.exec(body)?.[1] ?? ''
}

async function approve(network: Network): Promise<void> {
  const waiting = await eventually(
    async () =>
      (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(({ kind }) => kind === 'agreement'),
    'the agreement is in the queue',
  )
  await network.hub.call('approve', { id: waiting.id, as: APPROVER })
}

t.test('a case at both consoles: what is agreed to is what was read', async (t) => {
  await using network = await startNetwork({ nodes: ['bob', 'ministry'] })
  const [bob, ministry] = [network.node('bob'), network.node('ministry')]
  const [owner, consumer] = [await enter(bob), await enter(ministry)]
  await publish(bob, 'a.csv', 'x\n1\n', metaOf('monthly', { title: { zh: '就业月报' } }))
  const purpose = '监测 <b>就业</b> & "分析"'
  const { request } = await ministry.call<{ request: string }>('request', { dataset: DATASET, purpose })
  const path = `/requests/${request}`
  await eventually(async () => (await owner.read('/requests')).includes('等您答复'), 'the owner hears of it')

  const page = await owner.get(path)
  t.match(page.body, 'class="count">1<', 'counted in the navigation')
  t.notMatch(page.body, '<b>就业</b>', 'what a stranger wrote is text')
  t.match(textOf(page.body), `用途 ${purpose} 范围 全部文件`, 'the purpose, word for word')
  t.match(textOf(page.body), /示例部门 ?申请使用示例协会乙的数据.*等本单位答复/)

  const silent = await owner.post(path, { decision: 'refuse', reason: '' })
  t.equal(silent.status, 400, 'a refusal says why')
  t.match(textOf(silent.body), '请写明理由')
  const offered = await owner.after(await owner.post(path, { decision: 'counter', pulls: '3', reason: '先试用' }))
  t.match(textOf(offered), '等申请方答复本单位提出的条款')

  await eventually(
    async () => (await consumer.read('/requests')).includes('等您答复'),
    'the consumer hears of the offer',
  )
  const first = (await consumer.get(path)).body
  t.match(textOf(first), /调取次数 3 （申请的是：不限）.*先试用/)
  await owner.after(await owner.post(path, { decision: 'counter', pulls: '1', reason: '再少些' }))
  const stale = await consumer.post(path, { decision: 'accept', words: wordsOf(first) })
  t.equal(stale.status, 409, 'terms that came meanwhile are not accepted unread')
  t.match(textOf(stale.body), '对方在此期间提出了新的条款')
  const second = (await consumer.get(path)).body
  t.match(textOf(second), /调取次数 1 （申请的是：不限）/)
  await consumer.after(await consumer.post(path, { decision: 'accept', words: wordsOf(second) }))
  await approve(network)
  await eventually(async () => (await consumer.read(path)).includes('协议有效，可以调取'), 'it is in force')
  const done = await consumer.read(path)
  for (const said of ['提出申请', '提出其他条款', '接受条款', '提供方签署协议', '使用方签署协议', '审批同意'])
    t.match(done, said, 'its history')

  await owner.after(await owner.post(path, { decision: 'suspend', reason: '核查' }))
  await eventually(async () => (await consumer.read(path)).includes('示例协会乙已暂停协议'), 'the other side sees who')
  t.match(await consumer.read('/pulls'), /就业月报.*已暂停/, 'and is offered no pull')
  await owner.after(await owner.post(path, { decision: 'resume', reason: '核查完毕' }))
  await eventually(async () => (await consumer.read(path)).includes('协议有效，可以调取'), 'it runs again')
  await consumer.after(await consumer.post(path, { decision: 'terminate', reason: '不再需要' }))
  t.match(await consumer.read('/requests?direction=outgoing'), /就业月报.*被终止/)
})

t.test('a pull by button: table by pages, chart, saved in three forms, proof, checked once more', async (t) => {
  await using network = await startNetwork({ nodes: ['bob', 'ministry'] })
  const [bob, ministry] = [network.node('bob'), network.node('ministry')]
  await publish(bob, '月报.csv', BYTES, metaOf('monthly', { title: { zh: '就业月报', en: 'Employment' } }))
  const agreement = await agree(network, ministry, bob, DATASET)
  const staff = await enter(ministry)
  t.match(await staff.read('/pulls'), /就业月报 示例协会乙.*最新第 1 版.*还没取过.*还没有取过数据/)
  const shown = await staff.finish(await staff.post('/pulls', { agreement }))
  t.match(
    shown,
    /就业月报（第 1 版）.*已核验.*取自示例协会乙.*清单由示例协会乙于.*1 \/ 1 个文件逐块核对哈希.*提供方确认已存回执/,
  )
  t.match(await staff.read('/en/pulls'), /Employment v1 .*Verified/)

  const [{ pull: id } = { pull: '' }] = await ministry.call<{ pull: string }[]>('pulls')
  const file = `/pulls/${id}/files/0`
  await tables(t, staff, file)
  await saved(t, staff, file)

  const proof = join(network.home, 'monthly-v1.proof.json')
  writeFileSync(proof, (await staff.get(`/pulls/${id}/proof`)).bytes)
  writeFileSync(join(network.home, '月报.csv'), (await staff.get(`${file}/save?as=original`)).bytes)
  t.same(await verifyProofs(network.fingerprint, proof), { ok: true, failed: [] }, 'proof and original verify offline')

  t.match(await staff.finish(await staff.post(`/pulls/${id}/check`, {})), '重新核验通过')
  const [{ blob } = { blob: '' }] = (await pull(ministry, agreement)).files as unknown as { blob: string }[]
  writeFileSync(blob, Buffer.concat([readFileSync(blob).subarray(0, -3), Buffer.from('9\r\n')]))
  t.match(
    await staff.finish(await staff.post(`/pulls/${id}/check`, {})),
    'FILE_TAMPERED',
    'a changed file is found out',
  )
})

async function tables(t: Test, staff: Staff, file: string): Promise<void> {
  const first = await staff.get(file)
  t.match(textOf(first.body), /第 1–1,000 行，后面还有.*行 月份 从业人数（千人） 备注 2 1900-01 -5 =0\+1/)
  t.equal(first.body.match(/<th scope="row"/g)?.length, 1_000)
  const last = await staff.read(`${file}?from=2000`)
  t.match(last, /第 2,001–2,300 行，到此为止/)
  t.match(last, '2299+1', 'to the very end')
  const chart = (await staff.get(`${file}?view=chart`)).body
  t.match(chart, /<svg viewBox/)
  t.match(textOf(chart), /画的是第 1–1,000 行。 从业人数（单位：千人）/)
  t.notMatch(chart, /<style|style="/, 'nothing that the policy would refuse')
  t.match(await staff.read(`${file}?view=chart&x=1&y=1`), '从业人数', 'columns are chosen by the address')
  t.match(await staff.read(`${file}?from=999999`), '没有数据行')
  t.equal((await staff.get(`${file.replace(/0$/, '7')}`)).status, 404)
}

async function saved(t: Test, staff: Staff, file: string): Promise<void> {
  const original = await staff.get(`${file}/save?as=original`)
  t.same(original.bytes, BYTES, 'the published bytes')
  t.match(original.headers['content-disposition'], `filename*=UTF-8''${encodeURIComponent('月报.csv')}`)
  const csv = await staff.get(`${file}/save?as=csv`)
  t.match(csv.headers['content-disposition'], encodeURIComponent('月报-另存.csv'), 'not the name of the original')
  const lines = csv.bytes.toString().split('\r\n')
  t.equal(lines[0], `\uFEFF${HEAD}`)
  t.equal(lines[1], "1900-01,-5,'=0+1", 'formulas are disarmed, numbers are not')
  t.equal(lines.length, LINES.length + 2)
  const xlsx = await staff.get(`${file}/save?as=xlsx`)
  const book = read(xlsx.bytes, { type: 'buffer' })
  const rows = utils.sheet_to_json<unknown[]>(Object.values(book.Sheets)[0] as never, { header: 1 })
  t.same(rows[1], ['1900-01', -5, '=0+1'], 'numbers are numbers, text stays text')
  t.equal(rows.length, LINES.length + 1)
}

t.test('a pull that is refused says why and may be tried again; receipts tell both sides', async (t) => {
  await using network = await startNetwork({ nodes: ['bob', 'ministry'] })
  const [bob, ministry] = [network.node('bob'), network.node('ministry')]
  await publish(bob, 'a.csv', 'x\n1\n', metaOf('monthly', { title: { zh: '就业月报' } }))
  const agreement = await agree(network, ministry, bob, DATASET)
  const staff = await enter(ministry)
  await bob.call('suspend', { agreement, reason: '核查' })
  t.match(await staff.finish(await staff.post('/pulls', { agreement })), /协议已暂停.*AGREEMENT_SUSPENDED/)
  await bob.call('resume', { agreement, reason: '完毕' })
  await eventually(async () => (await staff.read('/pulls')).includes('取最新一版'), 'it may be pulled again')
  t.match(await staff.finish(await staff.post('/pulls', { agreement })), '已核验')

  const [mine, theirs] = [staff, await enter(bob)]
  const [{ pull: id } = { pull: '' }] = await ministry.call<Pulled[]>('pulls')
  for (const [who, other] of [
    [mine, '示例协会乙'],
    [theirs, '示例部门'],
  ] as const) {
    await eventually(async () => (await who.read('/receipts')).includes('双方已签'), 'signed by both')
    t.match(await who.read('/receipts'), new RegExp(`就业月报 第 1 版 ${other}`))
    const page = await who.read(`/receipts/${id}`)
    t.match(page, /示例协会乙交付给示例部门.*交付回执 示例协会乙.*确认回执 示例部门/)
    const proof = join(network.home, `${other}.proof.json`)
    writeFileSync(proof, (await who.get(`/receipts/${id}/proof`)).bytes)
    t.same(await verifyProofs(network.fingerprint, proof), { ok: true, failed: [] })
  }
  t.match(await theirs.read(`/requests?direction=incoming`), PURPOSE)
  t.equal((await mine.get('/receipts/00')).status, 404)
})
