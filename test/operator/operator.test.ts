/** The operators' console over a real hub: who may see what, and that every form does what the command line does. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { request } from 'undici'
import { issueRoot } from '#pki/certificates.ts'
import { generateKeyPair } from '#pki/keys.ts'
import { sha256 } from '#schemas/hash.ts'
import type { ConsolePages } from '#web/console/console-visit.ts'
import { GROUPS } from '../../hub/console/console.ts'
import { A, B, enrolMember, openHub } from '../hub/hub-kit.ts'
import { agree, metaOf, publish } from '../kit/act.ts'
import { APPROVER, eventually, REGISTRAR, startNetwork } from '../kit/start-network.ts'
import { enterConsole, textOf } from './operator-visitor.ts'

const ROLES = ['registrar', 'approver', 'auditor', 'administrator'] as const

/** Contract, Roles: whom each page lets in. A new page has no row and fails. */
const MATRIX: Readonly<Record<string, 'any' | readonly (typeof ROLES)[number][]>> = {
  'GET /': 'any',
  'GET /admissions/:id': 'any',
  'POST /admissions/:id': ['registrar'],
  'GET /alarms': 'any',
  'GET /members': 'any',
  'GET /members/:member': 'any',
  'POST /members/:member': ['registrar'],
  'GET /codes': ['registrar', 'auditor'],
  'POST /codes': ['registrar'],
  'GET /codes/made/:key': ['registrar'],
  'GET /agreements': 'any',
  'GET /agreements/:id': 'any',
  'POST /agreements/:id': ['approver'],
  'GET /trust': 'any',
  'POST /trust/authorities': ['administrator'],
  'POST /trust/authorities/remove': ['administrator'],
  'GET /operators': ['administrator', 'auditor'],
  'POST /operators': ['administrator'],
  'POST /operators/member': ['administrator'],
  'POST /operators/remove': ['administrator'],
  'POST /operators/certificates': ['administrator'],
  'GET /operators/certificates/:key': ['administrator'],
  'GET /operators/certificates/:key/file': ['administrator'],
  'GET /audit': ['auditor', 'administrator'],
  'GET /audit.csv': ['auditor', 'administrator'],
  'GET /texts': ['administrator', 'auditor'],
  'GET /texts/notices/:id': ['administrator', 'auditor'],
  'POST /texts/notices/:id': ['administrator'],
  'POST /texts/notices/:id/withdraw': ['administrator'],
  'GET /texts/page': ['administrator', 'auditor'],
  'POST /texts/page': ['administrator'],
  'POST /texts/page/reset': ['administrator'],
  'GET /texts/footer': ['administrator'],
  'POST /texts/footer': ['administrator'],
  'GET /settings': 'any',
  'POST /settings/phase': ['administrator'],
  'POST /settings/backup': ['administrator'],
  'GET /settings/backup/:handle': ['administrator'],
}

t.test('each role sees and does what the contract gives it', async (t) => {
  const declared: string[] = []
  const note = (method: string) => (path: string) => void declared.push(`${method} ${path}`)
  const site = { get: note('GET'), post: note('POST') } as ConsolePages
  for (const group of GROUPS) group(site, { portal: '', offered: () => ({ path: '', bytes: 0 }) })
  t.same(declared.toSorted(), Object.keys(MATRIX).toSorted(), 'every page has its row')

  const hub = await openHub(t)
  for (const role of ROLES) await hub.call('operator-add', { name: `a ${role}`, role })
  for (const role of ROLES) {
    const visitor = await enterConsole(hub.call, `a ${role}`)
    const wrong: string[] = []
    for (const [row, roles] of Object.entries(MATRIX)) {
      const [method, path = ''] = row.split(' ')
      const address = path.replace(/:\w+/g, 'none')
      const { status, body } = method === 'GET' ? await visitor.get(address) : await visitor.post(address, {})
      const denied = status === 403 && body.includes('ROLE_REQUIRED')
      if (denied === (roles === 'any' || roles.includes(role))) wrong.push(`${row}: ${status}`)
    }
    t.same(wrong, [], role)
    const { body } = await visitor.get('/')
    const linked = Array.from(body.matchAll(/<li><a href="(\/[a-z]*)"/g), ([, path]) => path as string)
    t.ok(linked.includes('/members'))
    for (const path of linked)
      t.equal((await visitor.get(path)).status, 200, `${role} is led nowhere that refuses: ${path}`)
  }
})

t.test('a registrar lets a member in, suspends and revokes it', async (t) => {
  const hub = await openHub(t)
  const registrar = await enterConsole(hub.call, '登记员')
  const refused = await registrar.post('/codes', { name: '钢铁协会', member: '123', class: 'association' })
  t.equal(refused.status, 400)
  t.match(refused.body, 'value="钢铁协会"', 'what was typed is still there')
  t.match(refused.body, 'USCC_INVALID')

  const sent = await registrar.post('/codes', { name: '钢铁协会', member: A.toLowerCase(), class: 'association' })
  const made = await registrar.follow(sent)
  t.equal((await registrar.follow(sent)).status, 410, 'loaded again, the page neither shows it nor makes another')
  const code = /<code>(HH1\.[^<]+)<\/code>/.exec(made.body)?.[1] ?? ''
  t.ok(code, 'the code stands on the page')
  const open = await registrar.get('/codes')
  t.match(textOf(open.body), '钢铁协会')
  t.notMatch(open.body, code, 'and nowhere again')

  const { chains } = await enrolMember(hub, B)
  const thumbprint = sha256(Buffer.from(chains.signing[0] as string, 'base64url'))
  const [waiting] = await hub.call('queue')
  t.match((await registrar.get('/')).body, `/admissions/${waiting.id}`)
  const page = await registrar.get(`/admissions/${waiting.id}`)
  t.equal(Array.from(page.body.matchAll(/<span>([0-9a-f]{4})<\/span>/g), ([, four]) => four).join(''), thumbprint)
  t.match(page.body, waiting.id, 'the hash of the admission is there')

  const without = await registrar.post(`/admissions/${waiting.id}`, { decision: 'refuse', reason: '' })
  t.equal(without.status, 400)
  t.match(without.body, 'REASON_REQUIRED')
  t.match(without.body, 'id="f-reason-error"', 'told at the field')
  const approved = await registrar.post(`/admissions/${waiting.id}`, { decision: 'approve', reason: '' })
  t.match(textOf(await registrar.after(approved)), '已确认接入')
  t.same(await hub.call('queue'), [])

  const post = (form: Record<string, string>) => registrar.post(`/members/${B}`, form)
  t.match(textOf(await registrar.after(await post({ decision: 'suspend', reason: '<b>核查</b>' }))), '成员已暂停')
  const member = await registrar.get(`/members/${B}`)
  t.match(textOf(member.body), '<b>核查</b>', 'a reason is text')
  t.notMatch(member.body, '<b>核查')
  t.match(textOf(await registrar.after(await post({ decision: 'resume', reason: '核查完毕' }))), '成员已恢复')
  const future = await post({
    decision: 'revoke',
    certificate: thumbprint,
    reason: '密钥泄露',
    since: '2099-01-01T00:00',
  })
  t.match(future.body, 'CLOCK_SKEW')
  t.match(textOf(future.body), '请填写已经过去的时间')
  t.match(future.body, 'value="2099-01-01T00:00"')
  const [since] = new Date(hub.readClock() + 7 * 3_600_000).toISOString().split(':00.', 1)
  const revoke = {
    decision: 'revoke',
    certificate: thumbprint,
    reason: '密钥泄露',
    since: since?.slice(0, 16) as string,
  }
  t.match(textOf(await registrar.after(await post(revoke))), '这组证书已吊销')
  const [shown] = (await hub.call('members')) as { certificates: { state: string }[] }[]
  t.same(
    shown?.certificates.map(({ state }) => state),
    ['revoked', 'revoked'],
  )
  const { decisions } = await hub.call('member-show', { member: B })
  t.match(decisions.at(-1), { outcome: 'revoked', operator: '登记员', via: 'link', reason: '密钥泄露' })
})

t.test('an approver reads what was signed and decides', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const title = { zh: '<script>alert(1)</script>产量' }
  const { dataset } = await publish(owner, 'a.csv', '月份,产量\n2026-01,1\n', metaOf('a', { title, sensitive: true }))
  const call = network.hub.call as Parameters<typeof enterConsole>[0]
  await network.hub.call('operator-add', { name: 'Zhou', role: 'approver' })
  const approver = await enterConsole(call, APPROVER)
  const second = await enterConsole(call, 'Zhou')
  const registrar = await enterConsole(call, REGISTRAR)

  const { request: asked } = await consumer.call<{ request: string }>('request', { dataset, purpose: '=1+1 用途' })
  await eventually(
    async () => (await owner.call<{ request: string }[]>('requests', { incoming: true })).length === 1,
    'the owner hears of it',
  )
  await owner.call('consent', { request: asked })
  const { id } = await eventually(
    async () =>
      (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(({ kind }) => kind === 'agreement'),
    'it waits',
  )

  const page = await approver.get(`/agreements/${id}`)
  t.notMatch(page.body, '<script>alert')
  t.match(textOf(page.body), '<script>alert(1)</script>产量')
  t.match(textOf(page.body), '=1+1 用途')
  const raw = Array.from(page.body.matchAll(/<pre[^>]*class="raw">([^<]*)<\/pre>/g), ([, text]) =>
    textOf(text as string),
  )
  const signed = raw.find((text) => text.startsWith('{"payload"'))
  t.equal(sha256(JSON.parse(signed as string).payload), id, 'the text on the page is the one whose hash is decided on')
  t.notMatch((await registrar.get(`/agreements/${id}`)).body, 'name="decision"', 'a registrar only reads')

  const first = await approver.post(`/agreements/${id}`, { decision: 'approve', reason: '用途明确' })
  t.match(textOf(await approver.after(first)), '您已同意，等待第二位审批员')
  const two = await second.post(`/agreements/${id}`, { decision: 'approve', reason: '同意' })
  t.match(two.body, 'SECOND_APPROVER', 'two links may be one person')
  t.match(two.body, '同意</textarea>', 'what was typed is still there')
  t.match(
    textOf(await second.after(await second.post(`/agreements/${id}`, { decision: 'refuse', reason: '须用证书' }))),
    '已拒绝',
  )
  const shown = await network.hub.call<{ documents: { kind: string; payload: { by: object[] } }[] }>('agreement-show', {
    id,
  })
  t.match(shown.documents.find(({ kind }) => kind === 'decision')?.payload, {
    outcome: 'refused',
    by: [{ operator: 'Zhou', via: { kind: 'link' }, reason: '须用证书' }],
  })

  const plain = await publish(owner, 'b.csv', '月份,产量\n2026-01,1\n', metaOf('b'))
  const running = await agree(network, consumer, owner, plain.dataset)
  t.notMatch(textOf((await approver.get('/agreements')).body), '已暂停')
  const { member: party } = await owner.call<{ member: string }>('status')
  await network.hub.call('suspend', { id: party, as: REGISTRAR, reason: '核查' })
  t.match(textOf((await approver.get('/agreements')).body), / 已暂停 已生效/, 'a suspended party is marked')
  await network.hub.call('resume', { id: party, as: REGISTRAR, reason: '核查完毕' })
  const change = (decision: string) => approver.post(`/agreements/${running}`, { decision, reason: '核查' })
  t.match(textOf(await approver.after(await change('suspend'))), '已暂停')
  t.match(textOf(await approver.after(await change('resume'))), '已生效')
  t.match(textOf(await approver.after(await change('terminate'))), '已结束')
  t.match((await change('resume')).body, 'TRANSITION_REFUSED')
  const ended = await approver.get('/agreements?state=TERMINATED')
  t.match(ended.body, running)
  t.match(ended.body, id)
  t.notMatch((await approver.get('/agreements?state=FINALIZED')).body, running)
  await owner.call('withdraw', { dataset: plain.dataset, reason: '数据有误' })
  t.match(textOf((await approver.get('/agreements?state=TERMINATED')).body), '数据集已撤回')

  await network.hub.call('operator-add', { name: 'Sun', role: 'auditor' })
  const auditor = await enterConsole(call, 'Sun')
  const csv = await auditor.get('/audit.csv')
  t.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
  const lines = csv.body.split('\r\n')
  t.match(lines[0], '编号,北京时间')
  t.ok(lines.some((line) => line.includes('须用证书') && line.includes('Zhou') && line.includes(',决定,')))
  t.notOk(
    lines.some((line) => /,(?:decision|agreement-change|link|certificate),/.test(line)),
    'no word of programs',
  )
  t.ok(
    lines.some((line) => /暂停协议：.*b/.test(line)),
    'a change names its dataset',
  )
  const whole = await auditor.get('/audit.csv?group=everything')
  t.ok(whole.body.split('\r\n').length > lines.length, 'what is issued by itself is left out unless asked for')
  const about = await auditor.get(`/audit?who=${encodeURIComponent('Zhou')}`)
  t.match(textOf(about.body), '须用证书')
  t.notMatch(textOf(about.body), '用途明确')
  t.equal((await auditor.get('/audit?group=nonsense&before=x&from=2026-13-99')).status, 400)
})

t.test('an administrator keeps people, keys, phase and backup', async (t) => {
  const hub = await openHub(t)
  const administrator = await enterConsole(hub.call, '系统管理员')
  const add = (form: Record<string, string>) => administrator.post('/operators', { form: 'add', ...form })
  t.match((await add({ name: '系统管理员', role: 'approver' })).body, 'ROLE_CONFLICT')
  t.match(textOf(await administrator.after(await add({ name: '李审批', role: 'approver' }))), '李审批：审批员')
  t.match((await add({ name: '李审批', role: 'registrar', member: A })).body, 'MEMBER_UNKNOWN', 'a code of nobody')
  await enrolMember(hub, A)
  const belong = (member: string) => administrator.post('/operators/member', { name: '李审批', member })
  t.match(textOf(await administrator.after(await belong(A))), '李审批 的所属成员已更新')
  t.match((await administrator.get('/operators')).body, `/members/${A}`)
  t.match((await belong(B)).body, 'MEMBER_UNKNOWN')
  await belong('')
  t.notMatch((await administrator.get('/operators')).body, `/members/${A}`)
  const alone = await administrator.post('/operators/remove', { name: '系统管理员', role: 'administrator' })
  t.match(alone.body, 'LAST_ADMINISTRATOR', 'nobody would be left to give it back')
  t.equal((await administrator.get('/operators')).status, 200)
  await hub.call('operator-add', { name: '另一管理员', role: 'administrator' })
  const other = await enterConsole(hub.call, '另一管理员')

  const issue = async () => {
    const sent = await administrator.post('/operators/certificates', { name: '李审批' })
    const { body } = await administrator.follow(sent)
    t.equal((await administrator.follow(sent)).status, 410, 'its passphrase is shown once')
    return { body, path: /href="(\/operators\/certificates\/[0-9a-f]+\/file)"/.exec(body)?.[1] ?? '' }
  }
  const { body, path } = await issue()
  const [operator] = (await hub.call('operators')).filter(({ name }: { name: string }) => name === '李审批')
  t.match(body, operator.certificates[0].thumbprint)
  const file = await administrator.get(path)
  t.equal(file.status, 200)
  t.equal(file.bytes[0], 0x30, 'PKCS#12 is DER')
  t.equal((await administrator.get(path)).status, 410, 'once only')
  t.equal((await other.get((await issue()).path)).status, 410, 'and for nobody else')

  const gone = await administrator.post('/operators/remove', { name: '李审批', role: 'approver' })
  t.match(textOf(await administrator.after(gone)), '其证书已吊销')
  t.match(
    (await administrator.post('/operators/remove', { name: '无此人', role: 'approver' })).body,
    'OPERATOR_UNKNOWN',
  )

  const unreadable = await administrator.upload('/trust/authorities', 'file', 'no certificate')
  t.match(unreadable.body, 'CERTIFICATE_INVALID')
  t.match(unreadable.body, 'id="f-file-error"', 'told at the field')
  const now = new Date(hub.readClock())
  const { der } = await issueRoot({ now, name: '外部认证机构', keys: generateKeyPair() })
  const listed = await administrator.upload('/trust/authorities', 'file', der, 'ca.cer')
  t.match(textOf(await administrator.after(listed)), '外部认证机构已列入', 'one certificate as DER')
  t.match((await administrator.upload('/trust/authorities', 'other', 'x')).body, 'BODY_INVALID')

  const rash = await administrator.post('/settings/phase', { phase: 'rollout' })
  t.match(textOf(rash.body), '请勾选“我已了解上述后果”')
  t.match(await hub.call('status'), { phase: 'construction' }, 'not without the tick')
  const phase = await administrator.post('/settings/phase', { phase: 'rollout', sure: 'yes' })
  t.match(textOf(await administrator.after(phase)), '现在是全面推广阶段')
  t.match(await hub.call('status'), { phase: 'rollout' })

  const backup = await administrator.post('/settings/backup', {})
  const handle = /href="(\/settings\/backup\/[0-9a-f-]+)"/.exec(backup.body)?.[1] ?? ''
  const fetched = await administrator.get(handle)
  t.match(backup.body, createHash('sha256').update(fetched.bytes).digest('hex'), 'the page names the hash of the file')
  t.match(fetched.bytes.subarray(0, 15).toString(), 'SQLite format 3')

  const trail = textOf((await administrator.get('/audit?group=settings')).body)
  for (const said of ['增加角色：审批员', '签发管理员证书', '进入全面推广阶段', '取走全部数据的备份'])
    t.match(trail, said)
})

t.test('texts appear on the portal as they were written, and every edit is kept', async (t) => {
  const hub = await openHub(t)
  const administrator = await enterConsole(hub.call, '系统管理员')
  const portal = async (path: string) => {
    const { body, statusCode } = await request(`${hub.listeners().public}${path}`, { headers: { accept: 'text/html' } })
    return { status: statusCode, body: await body.text() }
  }
  const notice = {
    'title/zh': '系统<i>维护</i>',
    'title/en': '',
    'body/zh': '今晚 **维护**。\r\n\r\n<script>alert(1)</script>',
    'body/en': '',
  }
  const preview = await administrator.post('/texts/notices/new', { ...notice, do: 'preview' })
  t.match(preview.body, '<strong>维护</strong>')
  t.match(preview.body, 'value="系统&lt;i', 'what was typed stays in the form')
  t.notMatch((await portal('/notices')).body, '维护', 'a preview publishes nothing')
  t.match(
    (await administrator.post('/texts/notices/new', { ...notice, 'title/zh': ' ', do: 'save' })).body,
    'BODY_INVALID',
  )
  t.match(
    textOf(await administrator.after(await administrator.post('/texts/notices/new', { ...notice, do: 'save' }))),
    '通知已发布',
  )
  const path = /href="(\/notices\/[0-9a-f]+)"/.exec((await portal('/notices')).body)?.[1] ?? ''
  const shown = await portal(path)
  t.match(shown.body, '<strong>维护</strong>')
  t.match(shown.body, '&lt;script&gt;alert(1)&lt;/script&gt;')
  t.match((await portal(`/en${path}`)).body, 'available in Chinese only')
  await administrator.post(`/texts${path}`, { ...notice, 'body/zh': '改为明晚。', do: 'save' })
  const history = await administrator.get(`/texts${path}`)
  t.match(history.body, '今晚 **维护**')
  t.match((await portal(path)).body, '改为明晚')
  await administrator.post(`/texts${path}/withdraw`, {})
  t.equal((await portal(path)).status, 404)
  t.match(
    textOf((await administrator.get('/audit?group=settings')).body),
    '修改通知公告《系统<i>维护</i>》',
    'the trail says which',
  )

  const guide = { 'title/zh': '怎样接入本中心', 'body/zh': '先打电话。', order: '5' }
  await administrator.post('/texts/page?slug=guides%2Fjoin', { ...guide, do: 'save' })
  t.match((await portal('/guides/join')).body, '先打电话')
  const upon = (body: string) => /name="after" value="(\d+)"/.exec(body)?.[1] ?? ''
  const opened = upon((await administrator.get('/texts/page?slug=guides%2Fjoin')).body)
  const save = (body: string, after: string) =>
    administrator.post('/texts/page?slug=guides%2Fjoin', { ...guide, 'body/zh': body, after, do: 'save' })
  t.equal((await save('在第一个窗口写的。', opened)).status, 303)
  const late = await save('在第二个窗口写的。', opened)
  t.equal(late.status, 409)
  t.match(late.body, 'TEXT_CHANGED')
  t.match(textOf(late.body), /已保存的文字.*在第一个窗口写的/, 'what the other saved')
  t.match(late.body, '在第二个窗口写的。</textarea>', 'and what was typed')
  t.match((await portal('/guides/join')).body, '在第一个窗口写的')
  t.equal((await save('两边合起来的。', upon(late.body))).status, 303, 'whoever has seen it may replace it')
  await administrator.post('/texts/page/reset', { slug: 'guides/join' })
  t.match((await portal('/guides/join')).body, '统一社会信用代码')
  const taken = await administrator.post('/texts/page', { ...guide, section: 'guides', name: 'join', do: 'save' })
  t.match(taken.body, '这个地址已经有一篇了')
  const wrong = await administrator.post('/texts/page', { ...guide, section: 'guides', name: '../x', do: 'save' })
  t.match(wrong.body, 'BODY_INVALID')
  t.match(wrong.body, 'value="../x"')
  await administrator.post('/texts/page', { ...guide, section: 'standards', name: 'own-rules', do: 'save' })
  t.match((await portal('/standards')).body, '/standards/own-rules')

  await administrator.post('/texts/footer', {
    'icp/zh': '京ICP备00000000号',
    'police/zh': '京公网安备11000000000001号',
  })
  const home = await portal('/')
  t.match(home.body, '京ICP备00000000号')
  t.match(home.body, 'https://beian.mps.gov.cn/#/query/webSearch?code=11000000000001')
  await administrator.post('/texts/footer', {})
  t.notMatch((await portal('/')).body, '京ICP备')
  t.match((await administrator.get('/texts/footer')).body, '京ICP备00000000号', 'the earlier footer is kept')
})
