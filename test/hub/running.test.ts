import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Agent, request } from 'undici'
import { clientTlsOptions, expectHub } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { createClock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { createTrust } from '#schemas/trust.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { downloadFile } from '#web/serving/call-control.ts'
import { restoreHub } from '../../hub/backup.ts'
import { signOffline } from '../../hub/ceremony.ts'
import { initHub } from '../../hub/init.ts'
import { startHub } from '../../hub/main.ts'
import {
  A,
  ask,
  B,
  enrolMember,
  type HubKit,
  makeRequest,
  openHub,
  type Pair,
  renewMember,
  secretOf,
  silent,
} from './hub-kit.ts'

const DAY = 86_400

/** Everything an outsider can fetch, accepted by the same checks as at a node. */
async function trustOf(hub: HubKit, pinned = hub.fingerprint) {
  const base = hub.listeners().public
  const text = async (path: string) => (await request(`${base}${path}`)).body.text()
  const { roots } = JSON.parse(await text('/v1/root')) as { roots: string[] }
  const clock = createClock(hub.readClock, 0, () => {})
  const trust = createTrust(verifyRootLine(roots, pinned), clock)
  const directory = await text('/v1/directory')
  const hashes = parseDocument('directory', directory).payload.parts
  const parts = new Map(
    await Promise.all(
      hashes.map(async (hash) => [hash, Buffer.from(await text(`/v1/directory/parts/${hash}`))] as const),
    ),
  )
  trust.acceptDirectory(directory, parts)
  trust.acceptStatus(await text('/v1/status'))
  return trust
}

const versionsOf = async (hub: HubKit) => {
  const trust = await trustOf(hub)
  return [trust.directory()?.payload.version as number, trust.status()?.payload.version as number]
}

t.test('starting', async (t) => {
  const hub = await openHub(t)
  await t.rejects(startHub({ dataDir: hub.dataDir, log: silent }), { code: 'ALREADY_RUNNING' })
  await hub.stop()
  const start = () => startHub({ dataDir: hub.dataDir, log: silent, readClock: hub.readClock })
  const config = join(hub.dataDir, 'config.toml')
  const written = readFileSync(config, 'utf8')
  writeFileSync(config, `${written}\nsurprise = 1\n`)
  await t.rejects(start(), { code: 'CONFIG_INVALID', facts: { key: 'surprise' } })
  writeFileSync(config, written)
  const key = join(hub.dataDir, 'keys', readdirSync(join(hub.dataDir, 'keys'))[0] as string)
  chmodSync(key, 0o644)
  await t.rejects(start(), { code: 'KEY_PERMISSIONS' })
  chmodSync(key, 0o600)
  chmodSync(hub.dataDir, 0o755)
  await t.rejects(start(), { code: 'KEY_PERMISSIONS' })
  chmodSync(hub.dataDir, 0o700)
  chmodSync(hub.passphraseFile, 0o644)
  await t.rejects(start(), { code: 'KEY_PERMISSIONS' })
  chmodSync(hub.passphraseFile, 0o600)
  await t.rejects(startHub({ dataDir: join(hub.dataDir, 'nothing'), log: silent }), { code: 'NOT_INITIALISED' })
  t.equal(existsSync(join(hub.dataDir, 'nothing')), false, 'starting makes nothing')
  const running = await start()
  await running.close()
})

t.test('init is all or nothing', async (t) => {
  const dataDir = join(t.testdir({}), 'hub')
  const passphraseFile = join(dataDir, '..', 'passphrase')
  writeFileSync(passphraseFile, 'a passphrase of the tests\n', { mode: 0o600 })
  mkdirSync(join(dataDir, '.init', 'keys'), { recursive: true, mode: 0o700 })
  mkdirSync(join(dataDir, 'keys'))
  await initHub({ dataDir, basePort: 0, passphraseFile })
  t.ok(existsSync(join(dataDir, 'config.toml')), 'what a crash left is swept')
  t.notOk(existsSync(join(dataDir, '.init')))
  await t.rejects(initHub({ dataDir, basePort: 0, passphraseFile }), { code: 'ALREADY_INITIALISED' })
  const foreign = t.testdir({ 'a file': 'of somebody' })
  await t.rejects(initHub({ dataDir: foreign, basePort: 0 }), { code: 'ALREADY_INITIALISED' })
  t.equal(readFileSync(join(foreign, 'a file'), 'utf8'), 'of somebody')
  t.same(readdirSync(foreign), ['a file'], 'nothing is left there')
})

t.test('of two that make one folder, one is refused', async (t) => {
  const dataDir = join(t.testdir({}), 'hub')
  const passphraseFile = join(dataDir, '..', 'passphrase')
  writeFileSync(passphraseFile, 'a passphrase of the tests\n', { mode: 0o600 })
  const init = () => initHub({ dataDir, basePort: 0, passphraseFile })
  const [first, second] = await Promise.allSettled([init(), init()])
  const outcomes = [first, second].map((one) => (one?.status === 'rejected' ? one.reason.code : one?.status)).sort()
  t.same(outcomes, ['ALREADY_RUNNING', 'fulfilled'])
  const made = [first, second].find((one) => one?.status === 'fulfilled') as PromiseFulfilledResult<{
    fingerprint: string
  }>
  const hub = await startHub({ dataDir, log: silent })
  t.equal(hub.fingerprint, made.value.fingerprint)
  await hub.close()
})

t.test('lists: numbers, ETags, renewal, the road of a stranger', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const before = await versionsOf(hub)
  for (const path of ['/v1/directory', '/v1/status', '/v1/root']) {
    const first = await ask(hub, 'GET', path, { pair: a })
    const again = await ask(hub, 'GET', path, { pair: a, headers: { 'if-none-match': String(first.headers.etag) } })
    t.equal(again.status, 304, path)
  }
  await hub.restart()
  const after = await versionsOf(hub)
  t.ok(
    (after[0] as number) > (before[0] as number) && (after[1] as number) > (before[1] as number),
    'numbers go up over a restart',
  )
  hub.move(31)
  const [, later] = await versionsOf(hub)
  t.ok((later as number) > (after[1] as number), 'a status list is signed anew while somebody asks')
  t.equal((await hub.call('phase', { phase: 'rollout', as: '系统管理员' })).phase, 'rollout')
  t.equal((await trustOf(hub)).directory()?.payload.phase, 'rollout')
  await t.rejects(hub.call('phase', { phase: 'rollout', as: '登记员' }), { code: 'ROLE_REQUIRED' })
  await t.rejects(hub.call('phase', { phase: 'later', as: '系统管理员' }), { code: 'PHASE_UNKNOWN' })
  hub.move(40 * DAY)
  await hub.restart()
  t.ok(await trustOf(hub), 'a hub that was off for 40 days comes back by itself')
  t.equal((await renewMember(hub, a, A, 'enrolment')).status, 201)
  hub.move(-50 * DAY)
  await hub.stop()
  await t.rejects(startHub({ dataDir: hub.dataDir, log: silent, readClock: hub.readClock }), { code: 'CLOCK_SKEW' })
})

t.test('events', async (t) => {
  const hub = await openHub(t)
  const [a, b] = [await enrolMember(hub, A), await enrolMember(hub, B)]
  const heard = { a: await listen(hub, a), b: await listen(hub, b) }
  t.teardown(() => Promise.all([heard.a.stop(), heard.b.stop()]))
  await heard.a.until('event: status')
  await hub.call('phase', { phase: 'rollout', as: '系统管理员' })
  const version = (await trustOf(hub)).directory()?.payload.version
  await heard.a.until(`event: directory\ndata: {"version":${version}}`)
  const renewed = await renewMember(hub, a, A, 'member')
  const id = parseDocument('certificate-request', renewed.request).id
  await heard.a.until(`event: document\ndata: {"id":"${id}","kind":"certificate-request"}`)
  await hub.call('suspend', { id: A, as: '登记员', reason: 'x' })
  await heard.a.ended
  t.pass('the stream of a suspended member ends')
  await hub.call('phase', { phase: 'construction', as: '系统管理员' })
  const last = (await trustOf(hub)).directory()?.payload.version
  await heard.b.until(`"version":${last}`)
  t.notMatch(heard.b.text(), id, "another member's document is not named")
  await hub.stop()
  await heard.b.ended
  t.pass('a stop ends the streams')
})

async function listen(hub: HubKit, pair: Pair) {
  const { cas } = await hub.root()
  const serverCas = cas.flatMap(({ certificates }) => certificates.map((text) => fromBase64url(text)))
  const identity = { key: pair.tls.privateKey, chain: pair.chains.tls.map((text) => fromBase64url(text)) }
  const dispatcher = new Agent({ connect: clientTlsOptions({ identity, serverCas, expect: expectHub() }) })
  const { body } = await request(`${hub.listeners().member}/v1/events`, { dispatcher })
  let text = ''
  let wake = () => {}
  const ended = (async () => {
    try {
      for await (const chunk of body) {
        text += chunk
        wake()
      }
    } catch {
      // The hub closes the connection under the stream.
    }
  })()
  return {
    ended,
    text: () => text,
    async until(part: string): Promise<void> {
      while (!text.includes(part)) await new Promise<void>((resolve) => (wake = resolve))
    },
    stop: () => dispatcher.destroy(),
  }
}

t.test('root ceremony with the key offline', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const dir = join(hub.dataDir, '..')
  const passphrase = 'kept in another safe than the key'
  const { handle, fingerprint } = await hub.call('root-export', { passphrase, as: '系统管理员' })
  const keyFile = join(dir, 'root.key')
  await downloadFile(hub.dataDir, handle, keyFile)
  chmodSync(keyFile, 0o600)
  await t.rejects(hub.call('root-remove', { fingerprint: '0'.repeat(64) }), { code: 'ROOT_MISMATCH' })
  await hub.call('root-remove', { fingerprint })
  await hub.restart()
  t.match(await hub.call('root-show'), { version: 1, rootKey: 'offline', proposal: null })

  const proposed = await hub.call('root-rotate', { as: '系统管理员' })
  t.equal(proposed.state, 'proposed')
  const signed = await signOffline({
    proposal: JSON.stringify(proposed.proposal),
    keyFile,
    passphrase,
    now: hub.readClock,
  })
  t.equal(signed.kind, 'root')
  const broken = JSON.stringify({ ...JSON.parse(signed.signed), signatures: [] })
  await t.rejects(hub.call('root-sign', { file: broken }), { code: 'DOCUMENT_INVALID' })
  await hub.call('root-sign', { file: signed.signed, as: '系统管理员' })
  const trust = await trustOf(hub)
  t.equal(trust.root().version, 2)
  t.equal(trust.root().keys.length, 6, 'new keys are listed beside the old ones')
  const newRoot = await hub.call('root-rotate', { key: 'root' })
  const newKeyFile = join(dir, 'root2.key')
  const handed = await signOffline({
    proposal: JSON.stringify(newRoot.proposal),
    keyFile,
    passphrase,
    newKeyFile,
    now: hub.readClock,
  })
  await hub.call('root-sign', { file: handed.signed })
  await t.rejects(hub.call('root-sign', { file: signed.signed }), { code: 'ROOT_ROLLBACK' })
  t.equal((await trustOf(hub)).roots().length, 3, 'the pinned first root still leads here')
  t.equal(
    (await ask(hub, 'GET', '/v1/directory', { pair: a })).status,
    200,
    'certificates go on under the new root key',
  )
  const crl = await hub.call('root-crl')
  const list = await signOffline({
    proposal: JSON.stringify(crl.proposal),
    keyFile: newKeyFile,
    passphrase,
    now: hub.readClock,
  })
  t.equal((await hub.call('root-crl', { file: list.signed })).state, 'installed')
  await t.rejects(hub.call('root-crl', { file: list.signed }), { code: 'CRL_INVALID' })
  const signer = async () =>
    parseDocument('directory', (await trustOf(hub)).directory()?.text as string).signatures[0]?.thumbprint
  const old = await signer()
  hub.move(71 * 3_600)
  await hub.restart()
  t.equal(await signer(), old, 'not used before 72 h')
  hub.move(2 * 3_600)
  await hub.restart()
  t.not(await signer(), old)
})

t.test('rotation with the key at hand', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const grant = async () => (await hub.root()).keys.filter(({ purpose }) => purpose === 'grant')
  const before = await grant()
  t.match(await hub.call('root-rotate', { key: 'grant', compromised: true, as: '系统管理员' }), {
    state: 'installed',
    version: 2,
  })
  const after = await grant()
  t.equal(after.length, 1, 'a compromised key goes at once')
  t.not(after[0]?.certificate, before[0]?.certificate)
  await hub.call('root-rotate', { key: 'issuing' })
  const next = await renewMember(hub, a, A, 'member')
  t.equal(next.status, 201)
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: next.pair })).status, 200, 'certificates of the new CA')
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: a })).status, 200, 'and of the old one')
  t.not(next.pair.chains.tls[1], a.chains.tls[1])
  await t.rejects(hub.call('root-rotate', { as: '登记员' }), { code: 'ROLE_REQUIRED' })
})

t.test('operators', async (t) => {
  const hub = await openHub(t)
  t.same(await hub.call('operator-add', { name: '审批员', role: 'approver' }), {
    operator: '审批员',
    roles: ['approver'],
  })
  t.same(await hub.call('operator-add', { name: '登记员', role: 'approver' }), {
    operator: '登记员',
    roles: ['approver', 'registrar'],
  })
  const refused = (name: string, role: string, code: string) =>
    t.rejects(hub.call('operator-add', { name, role }), { code }, `${name} ${role}`)
  await refused('审批员', 'administrator', 'ROLE_CONFLICT')
  await refused('系统管理员', 'approver', 'ROLE_CONFLICT')
  await refused('登记员', 'auditor', 'ROLE_CONFLICT')
  await refused('登记员', 'registrar', 'OPERATOR_EXISTS')
  const made = await hub.call('export-p12', { operator: '审批员' })
  t.match(made, { operator: '审批员', passphrase: String })
  await t.rejects(hub.call('export-p12', { operator: '无此人' }), { code: 'OPERATOR_UNKNOWN' })
  await t.rejects(hub.call('code', { class: 'association', member: '51100000PDY0000284', name: 'x', as: '登记员' }), {
    code: 'USCC_INVALID',
  })
  await t.rejects(hub.call('code', { class: 'association', member: A, name: 'x', as: '审批员' }), {
    code: 'ROLE_REQUIRED',
  })
  await hub.call('operator-remove', { name: '审批员', role: 'approver' })
  await t.rejects(hub.call('code', { class: 'association', member: A, name: 'x', as: '审批员' }), {
    code: 'OPERATOR_UNKNOWN',
  })
})

t.test('what ends is pointed out long before', async (t) => {
  const hub = await openHub(t)
  t.same(await hub.call('alarms'), [])
  hub.move(320 * DAY)
  await hub.restart()
  let kinds: string[] = []
  for (let round = 0; round < 100 && kinds.length < 2; round++) {
    kinds = (await hub.call('alarms')).map(({ kind }: { kind: string }) => kind)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.ok(kinds.includes('KEY_ENDING') && kinds.includes('CRL_ENDING'), kinds.join())
})

t.test('killed while a member enrols: the same request finishes it', async (t) => {
  const hub = await openHub(t)
  const codes = [await hub.code(A), await hub.code(B)]
  await hub.stop()
  const script = `
    import { startHub } from ${JSON.stringify(new URL('../../hub/main.ts', import.meta.url).href)}
    import { createLog } from ${JSON.stringify(new URL('../../web/serving/log.ts', import.meta.url).href)}
    await startHub({ dataDir: ${JSON.stringify(hub.dataDir)}, log: createLog({ level: 'silent', name: 'hub' }) })
    process.stdout.write('ready')`
  for (const [index, member] of [A, B].entries()) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const { text } = await makeRequest(hub, { member })
    const body = { secret: secretOf(codes[index] as string), request: text }
    // Once in the middle of the work, once when it may be done.
    const posted = ask(hub, 'POST', '/v1/enrolments', { body }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 25 + 40 * index))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await posted
    await hub.restart()
    const again = await ask(hub, 'POST', '/v1/enrolments', { body })
    t.equal(again.status, 201)
    t.equal((await hub.call('members')).find((one: { id: string }) => one.id === member).certificates.length, 2)
    await hub.stop()
  }
})

t.test('backup and restore', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const before = await versionsOf(hub)
  const { handle } = await hub.call('backup')
  const file = join(hub.dataDir, '..', 'hub.backup')
  await downloadFile(hub.dataDir, handle, file)
  await enrolMember(hub, B)
  await hub.stop()
  await t.rejects(restoreHub({ dataDir: hub.dataDir, file }), { code: 'ALREADY_INITIALISED' })
  const dataDir = join(hub.dataDir, '..', 'restored')
  await restoreHub({ dataDir, file })
  t.notOk(existsSync(join(dataDir, '.init')))
  const restored = await startHub({ dataDir, readClock: hub.readClock, log: silent })
  t.teardown(() => restored.close())
  const there: HubKit = { ...hub, listeners: () => restored.listeners }
  const after = await versionsOf(there)
  t.ok((after[0] as number) > (before[0] as number) && (after[1] as number) > (before[1] as number))
  t.equal((await ask(there, 'GET', '/v1/directory', { pair: a })).status, 200)

  const bytes = readFileSync(file)
  bytes.fill(7, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 4_096)
  const damaged = join(hub.dataDir, '..', 'damaged.backup')
  writeFileSync(damaged, bytes)
  const empty = join(hub.dataDir, '..', 'empty')
  await t.rejects(restoreHub({ dataDir: empty, file: damaged }), { code: 'BACKUP_INVALID' })
  t.same(readdirSync(empty), ['lock'], 'a refused restore leaves nothing that was in it')
  writeFileSync(damaged, 'no backup at all')
  await t.rejects(restoreHub({ dataDir: empty, file: damaged }), { code: 'BACKUP_INVALID' })
})
