import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { checkApart } from '../../hub/actions/check-apart.ts'
import { agree, metaOf, publish, pull } from '../kit/act.ts'
import { eventually, startNetwork } from '../kit/start-network.ts'

const HTML = { accept: 'text/html' }
const CONTENT = '月份,产量\n2026-01,10\n2026-02,12\n'

t.test('members, statistics and what is handed in to be verified', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const portal = network.hub.listeners()['public'] as string
  const page = async (path: string) => (await fetch(`${portal}${path}`, { headers: HTML })).text()

  await publish(alice, 'made.csv', CONTENT, metaOf('made', { industries: ['C31'], title: { zh: '=1+1 产量' } }))
  const agreement = await agree(network, ministry, alice, `${alice.id}/made`)
  const { proofFile: proof } = await pull(ministry, agreement)
  await eventually(
    async () => (await page('/statistics/members.csv')).includes(`${ministry.id},示例部门,department,0,0,0,1,`),
    'both receipts are filed',
  )

  await t.test('the list of members narrows by class and industry, and counts', async (t) => {
    const all = await page('/members')
    t.match(all, '示例协会甲')
    t.match(all, '示例部门')
    const departments = await page('/members?class=department')
    t.notMatch(departments.replace(/<title>.*<\/title>/, ''), `/members/${alice.id}"`)
    t.match(departments, `/members/${ministry.id}"`)
    t.match(await page('/members?industry=C'), `/members/${alice.id}"`)
    t.match(await page('/members?words=nobody-of-that-name'), '没有符合条件的成员')
  })

  await t.test('a member gives and receives in counts, never with a counterparty', async (t) => {
    const given = await page(`/members/${alice.id}`)
    t.match(given, '提供 1 次')
    t.notMatch(given, ministry.id)
    t.match(await page(`/members/${ministry.id}`), '获得 1 次')
    t.equal((await fetch(`${portal}/members/51100000PDY000036X`, { headers: HTML })).status, 404)
    const statistics = await page('/statistics')
    t.match(statistics, '累计调取次数')
    t.match(statistics, '数据集按行业')
  })

  const hand = async (files: readonly (readonly [name: string, text: string])[], text?: string) => {
    const form = new FormData()
    for (const [name, content] of files) form.append('files', new File([content], name))
    if (text !== undefined) form.append('text', text)
    const answer = await fetch(`${portal}/trust`, { method: 'POST', body: form, headers: HTML })
    // What is judged stands first; the rest of the page is the same each time.
    const verdict = /<div id="verdict"[\s\S]*?<section/.exec(await answer.text())?.[0] ?? ''
    return { status: answer.status, text: verdict }
  }

  await t.test('a proof with its data file, without it, and with another', async (t) => {
    const name = 'made-v1.proof.json'
    t.match(
      (
        await hand([
          [name, proof],
          ['made.csv', CONTENT],
        ])
      ).text,
      /核验通过：made-v1\.proof\.json：调取证明/,
    )
    const alone = await hand([[name, proof]])
    t.match(alone.text, '数据文件没有一并提交')
    t.match(alone.text, 'notice warn')
    t.notMatch(alone.text, 'FILE_TAMPERED', 'what was not handed in is no forgery')
    t.match(alone.text, /–<\/span>(?:(?!<\/li>).)*数据文件 made\.csv 没有一并提交/)
    t.match(alone.text, /–<\/span>(?:(?!<\/li>).)*时间由签名方自称/, 'nobody has proved the time')
    const tampered = await hand([
      [name, proof],
      ['made.csv', `${CONTENT}2026-03,0\n`],
    ])
    t.match(tampered.text, /核验不通过[\s\S]*FILE_TAMPERED/)
  })

  await t.test('a single document, whole and with one letter changed', async (t) => {
    const { document } = (await (await fetch(`${portal}/api/v1/datasets/${alice.id}/made`)).json()) as {
      document: string
    }
    t.match((await hand([], document)).text, /核验通过：目录条目[\s\S]*示例协会甲/)
    const { payload, ...rest } = JSON.parse(document) as { payload: string }
    const other = Buffer.from(payload, 'base64url').toString().replace('产量', '产值')
    const changed = JSON.stringify({ ...rest, payload: Buffer.from(other).toString('base64url') })
    t.match((await hand([], changed)).text, '核验不通过：目录条目')
  })

  await t.test('what is no document is refused in words', async (t) => {
    for (const text of ['hello', '{"a":1}', '{"a":1,"a":2}', '<script>alert(1)</script>']) {
      const answer = await hand([], text)
      t.equal(answer.status, 400, text)
      t.notMatch(answer.text, '<script>alert')
      t.match(answer.text, '没有证明文件')
    }
    const nothing = await hand([])
    t.equal(nothing.status, 400)
    t.match(nothing.text, '还没有选择文件')
    t.equal((await hand([['big.bin', 'x'.repeat(33 * 1_048_576)]])).status, 413)
  })

  await t.test('files full of keys hold up nobody, and only a few are checked at once', async (t) => {
    const keys = `{${Array.from({ length: 300_000 }, (_, at) => `"${at.toString(36)}":1`).join(',')}}`
    const form = new FormData()
    form.append('files', new File([keys], 'keys.json'))
    const one = async () => {
      const answer = await fetch(`${portal}/trust`, { method: 'POST', body: form, headers: HTML })
      return `${answer.status} ${answer.headers.get('retry-after')}`
    }
    const answers = await Promise.all(Array.from({ length: LIMITS.checksAtOnce + 2 }, one))
    t.same(answers.sort(), [...Array(LIMITS.checksAtOnce).fill('400 null'), '429 10', '429 10'])
    t.match(await one(), '400', 'afterwards there is room again')

    // The hub runs in this very process: its turns are ours.
    let turns = 0
    let done = false
    const checked = checkApart({ trust: { roots: () => [] } } as never)([
      { name: '', sha256: '', content: Buffer.from(keys) },
    ])
    const refused = t.rejects(checked, { code: 'DOCUMENT_KIND' }).finally(() => {
      done = true
    })
    while (!done) {
      turns++
      await setImmediate()
    }
    await refused
    t.ok(turns > 10, `${turns} turns of the hub meanwhile`)
  })
})
