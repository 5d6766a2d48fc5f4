import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { CONTRACT, PRINTED } from './contract-commands.ts'
import { createStranger, PROGRAM } from './stranger.ts'

const [OWNER, PARTNER, CONSUMER, AFFILIATE] = [
  '51100000PDY00001X3',
  '51100000PDY0000283',
  '11100000PDY0090060',
  '51100000PDY001004U',
]
const JOINT = `${OWNER}/joint`
const meta = (slug: string, more: object = {}) =>
  JSON.stringify({
    slug,
    title: { zh: '就业月报（模拟数据）' },
    contentClass: 2,
    theme: 'workforce',
    sharing: 'conditional',
    responsible: { unit: '统计部' },
    ...more,
  })
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
/** Enough to mean one thing only. */
const short = (id: unknown) => String(id).slice(0, 10)

t.test('every row of the command table, in a fresh folder, by its names, flags and keys alone', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hanghui-contract-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const { env, driven, run, row, refused, start, stop, until } = createStranger(t, home)
  const write = (name: string, text: string) => writeFileSync(join(home, name), text)

  // The hub, its people, its members.
  const { fingerprint } = row('hub', 'hub init', ['--name', '测试中心', '--ports', '0', '--host', '127.0.0.1'])
  const root = String(fingerprint)
  await start('hub', 'hub')
  for (const [name, role] of [
    ['王芳', 'administrator'],
    ['张敏', 'registrar'],
    ['李强', 'approver'],
    ['赵审', 'auditor'],
  ] as const)
    row('hub', 'hub operator add', [name, '--role', role])
  refused('hub', ['hub', 'operator', 'add', '赵审', '--role', 'approver'], 'ROLE_CONFLICT')
  const codes: string[] = []
  for (const [folder, member, memberClass] of [
    ['owner', OWNER, 'association'],
    ['partner', PARTNER, 'association'],
    ['consumer', CONSUMER, 'department'],
    ['affiliate', AFFILIATE, 'affiliate'],
  ] as const) {
    const words = ['--class', memberClass, '--member', member, '--name', `示例 ${folder}`, '--as', '张敏']
    const code = String(row('hub', 'hub code', words)['code'])
    codes.push(code)
    row(folder, 'node init', ['--code', code, '--ports', '0'])
    await start(folder, 'node')
  }
  refused('again', ['node', 'init', '--code', codes[0] as string, '--ports', '0'], 'CODE_USED')
  row('hub', 'hub alarms')
  row('hub', 'hub members')
  for (const [index, { id }] of row('hub', 'hub queue').entries())
    if (index < 3) row('hub', 'hub approve', [short(id), '--as', '张敏', '--reason', '核对无误'])
    else row('hub', 'hub refuse', [short(id), '--as', '张敏', '--reason', '未核实'])
  row('hub', 'hub limits')
  row('hub', 'hub status')

  // Publishing.
  row('owner', 'node sponsor', [AFFILIATE, '--until', inDays(300)])
  row('owner', 'node unsponsor', [AFFILIATE])
  write('jobs.csv', '月份,人数\n2026-01,100\n2026-02,120\n')
  write('meta.json', meta('jobs'))
  write('schema.json', JSON.stringify(row('owner', 'node publish', ['jobs.csv', '--meta', 'meta.json'])['schema']))
  row(
    'owner',
    'node publish',
    ['jobs.csv', '--meta', '-', '--schema', 'schema.json'],
    meta('open', { sharing: 'unconditional' }),
  )
  row(
    'owner',
    'node publish',
    ['jobs.csv', '--meta', '-'],
    meta('joint', { ownership: 'JOINT', owners: [OWNER, PARTNER] }),
  )
  await until('partner', ['node', 'cosign', JOINT], (json) => json['state'] === 'published')
  row('partner', 'node cosign', [JOINT])
  row('owner', 'node datasets')
  row('hub', 'hub catalog')

  // From a wish to a right.
  const filters = '--class 2 --theme workforce --region 100000 --sharing conditional --sort newest --member'.split(' ')
  row('consumer', 'node search', ['就业', ...filters, OWNER])
  const asked = row('consumer', 'node request', [
    `${OWNER}/jobs`,
    '--purpose',
    '分析',
    '--until',
    inDays(200),
    '--pulls',
    '9',
  ])
  const request = short(asked['request'])
  await until('owner', ['node', 'requests', '--incoming'], (json) => json.length === 1)
  row('owner', 'node requests', ['--incoming'])
  row('owner', 'node counter', [
    request,
    '--until',
    inDays(100),
    '--pulls',
    '3',
    '--purpose',
    '分析',
    '--reason',
    '缩短',
  ])
  await until('consumer', ['node', 'requests', '--outgoing'], ([one]) => one?.['state'] === 'OFFERED')
  row('consumer', 'node accept', [request])
  const [verified] = await until('consumer', ['node', 'requests'], ([one]) => one?.['state'] === 'VERIFIED')
  const agreement = short(verified?.['agreement'])
  const other = short(row('partner', 'node request', [`${OWNER}/jobs`, '--purpose', '研究'])['request'])
  await until('owner', ['node', 'requests'], (json) => json.some((one) => short(one['request']) === other))
  const consented = short(row('owner', 'node consent', [other])['agreement'])
  const waiting = await until('hub', ['hub', 'queue'], (json) => json.length === 2)
  t.same(waiting.map(({ id }) => short(id)).sort(), [agreement, consented].sort())
  refused('hub', ['hub', 'approve', agreement, '--as', '王芳'], 'ROLE_REQUIRED')
  row('hub', 'hub refuse', [consented, '--as', '李强', '--reason', '用途不明'])
  t.equal(row('hub', 'hub approve', [agreement, '--as', '李强'])['state'], 'FINALIZED')
  row('hub', 'hub agreements')
  const atOnce = row('consumer', 'node request', [`${OWNER}/open`, '--purpose', '分析'])
  t.match(atOnce, { state: 'FINALIZED', agreement: /^[0-9a-f]{64}$/ }, 'an open offer needs nobody')
  await until('consumer', ['node', 'agreements', agreement], ([one]) => one?.['state'] === 'FINALIZED')

  // The data.
  const pulled = row('consumer', 'node pull', [agreement, '--version', '1', '-o', 'out'])
  t.same(readdirSync(join(home, 'out')).sort(), ['jobs-v1.proof.json', 'jobs.csv'])
  row('consumer', 'node pull', [`${OWNER}/open`, '-o', 'out2'])
  for (const folder of ['consumer', 'owner']) row(folder, 'node receipts')
  row('consumer', 'node receipts', ['-o', 'proofs'])
  row('consumer', 'node agreements', [agreement, '-o', 'proofs'])
  const proofs = readdirSync(join(home, 'proofs')).map((name) => join('proofs', name))
  row('', 'verify', [String(pulled['proof']), ...proofs, '--root', root])
  appendFileSync(join(home, 'out', 'jobs.csv'), 'x')
  t.match(run('', ['verify', 'out/jobs-v1.proof.json', '--root', root]), { code: 1, json: { ok: false } })
  refused('consumer', ['node', 'pull', agreement, '-o', 'out'], 'FILE_EXISTS')

  // The owner away: 3, and the same command again goes on.
  await stop('owner', 'SIGTERM')
  refused('consumer', ['node', 'pull', agreement, '-o', 'out3'], 'OWNER_UNREACHABLE', 3)
  await start('owner', 'node')
  row('consumer', 'node pull', [agreement, '-o', 'out3'])

  // Prefixes: one digit is enough where nothing else begins with it.
  const ids = row('consumer', 'node agreements').map(({ id }) => String(id))
  for (const id of ids) {
    const length = Array.from(id, (_, index) => index + 1).find(
      (digits) => ids.filter((one) => one.startsWith(id.slice(0, digits))).length === 1,
    )
    t.equal(row('consumer', 'node agreements', [id.slice(0, length)])[0]?.['id'], id)
  }
  refused('consumer', ['node', 'agreements', '0'.repeat(12)], 'AGREEMENT_UNKNOWN')

  // Stopping, each by whoever may.
  for (const [folder, command, who] of [
    ['hub', 'hub', ['--as', '李强']],
    ['owner', 'node', []],
    ['consumer', 'node', []],
  ] as const) {
    const isNow = (state: string) =>
      until(folder, [command, 'agreements'], (json) =>
        json.some((one) => short(one['id']) === agreement && one['state'] === state),
      )
    await isNow('FINALIZED')
    t.equal(row(folder, `${command} suspend`, [agreement, ...who, '--reason', '核查'])['state'], 'SUSPENDED')
    t.equal(row(folder, `${command} resume`, [agreement, ...who, '--reason', '完毕'])['state'], 'FINALIZED')
  }
  row('hub', 'hub suspend', [PARTNER, '--as', '张敏', '--reason', '核查'])
  row('hub', 'hub resume', [PARTNER, '--as', '张敏', '--reason', '完毕'])
  row('consumer', 'node terminate', [agreement, '--reason', '完毕'])
  row('hub', 'hub terminate', [short(atOnce['agreement']), '--as', '李强', '--reason', '核查'])
  const unwanted = short(row('consumer', 'node request', [JOINT, '--purpose', '分析'])['request'])
  await until('owner', ['node', 'requests'], (json) => json.some((one) => short(one['request']) === unwanted))
  row('owner', 'node refuse', [unwanted, '--reason', '用途不符'])
  row('owner', 'node withdraw', ['joint', '--reason', '口径调整'])

  // Keeping it.
  row('consumer', 'node doctor')
  const renewed = row('consumer', 'node renew') as unknown as { checks: { name: string; ok: boolean }[] }
  t.same(renewed.checks.find(({ name }) => name === 'membership')?.ok, true, 'the new pair is known when renew answers')
  row('consumer', 'node status')
  for (const [folder, command] of [
    ['hub', 'hub'],
    ['owner', 'node'],
  ] as const) {
    row(folder, `${command} backup`, [`${folder}.hhb`])
    row(`${folder}-restored`, `${command} restore`, [`${folder}.hhb`])
    refused(folder, [command, 'restore', `${folder}.hhb`], 'ALREADY_INITIALISED')
  }

  // Keys and authorities.
  row('hub', 'hub phase', ['rollout', '--as', '王芳'])
  const subject = ['-subj', '/C=CN/O=External/CN=External', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  const made = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650'.split(' ')
  t.equal(spawnSync('openssl', ['req', '-x509', ...made, ...subject], { cwd: home }).status, 0)
  for (const word of ['add', 'remove']) row('hub', `hub ca ${word}`, ['ca.pem', '--as', '王芳'])
  row('hub', 'pki export-p12', ['--operator', '李强', '-o', 'li.p12', '--passphrase-file', 'meta.json'])
  row('hub', 'pki inspect', ['ca.pem'])
  row('hub', 'pki root show')
  write('pass', '这是一个足够长的口令，用来保护根私钥')
  t.equal(run('hub', ['pki', 'root', 'export', '-o', 'root.pem', '--passphrase-file', 'pass', '--as', '王芳']).code, 0)
  t.equal(run('hub', ['pki', 'root', 'remove', root, '--as', '王芳']).code, 0)
  row('hub', 'pki root crl', ['--as', '王芳', '-o', 'crl.json'])
  row('hub', 'pki root rotate', ['--as', '王芳', '-o', 'rotate.json'])
  row('none', 'pki root sign', [
    'rotate.json',
    '--key-file',
    'root.pem',
    '--passphrase-file',
    'pass',
    '-o',
    'signed.json',
  ])
  t.match(row('hub', 'pki root sign', ['signed.json', '--as', '王芳']), { state: 'installed', version: Number })

  // The consoles: a link opens a page, a person's file opens with its passphrase.
  for (const [folder, command] of [
    ['hub', 'hub'],
    ['owner', 'node'],
  ] as const) {
    const { status } = await fetch(String(row(folder, `${command} console`)['url']))
    t.equal(status, 200, `${command} console prints a link that opens`)
  }
  row('owner', 'node staff add', ['赵丽', '-o', 'zhaoli.p12', '--passphrase-file', 'pass'])
  const opened = ['pkcs12', '-in', 'zhaoli.p12', '-passin', 'file:pass', '-nokeys', '-clcerts']
  t.match(String(spawnSync('openssl', opened, { cwd: home }).stdout), 'BEGIN CERTIFICATE')

  // Whoever is out is out.
  row('hub', 'hub revoke', [CONSUMER, '--as', '张敏', '--reason', '退出', '--since', '2026-11-20T00:00:00Z'])
  await until('consumer', ['node', 'alarms'], (json) => json.length > 0)
  row('consumer', 'node alarms')

  // What a shell does: `| head`, kill -9, and a hub that is away.
  const child = spawn(PROGRAM, ['hub', 'limits', '--data', join(home, 'hub'), '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  t.same(await once(child, 'exit'), [0, null], 'a closed pipe is no error')
  await stop('hub', 'SIGKILL')
  refused('hub', ['hub', 'status'], 'NOT_RUNNING', 3)
  refused('partner', ['node', 'search', '就业'], 'HUB_UNREACHABLE', 3)
  await start('hub', 'hub')
  row('hub', 'hub status')
  refused('hub', ['hub', 'start'], 'ALREADY_RUNNING')
  refused('hub', ['hub', 'queue', '--nonsense'], 'USAGE', 2)
  await stop('partner', 'SIGTERM')
  await stop('hub', 'SIGTERM')

  t.same(Object.keys(PRINTED).sort(), Object.keys(CONTRACT).sort(), 'every row has its keys')
  const missed = Object.keys(CONTRACT).filter((command) => !driven.has(command))
  t.same(missed, [], 'every row was driven')
})
