import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isRefusal } from '#schemas/refusal.ts'
import { readArchive, writeArchive } from '#web/serving/archive.ts'
import { callControl, downloadFile } from '#web/serving/call-control.ts'
import { createLog } from '#web/serving/log.ts'
import { readEvents } from '../../node/actions/follow-events.ts'
import { ownStanding } from '../../node/actions/report-status.ts'
import { restoreNode } from '../../node/backup.ts'
import { initNode } from '../../node/init.ts'
import { startNode } from '../../node/main.ts'
import { startWireHub } from './wire-hub.ts'

const MEMBER = '51100000PDY00001X3'
const OTHER = '51100000PDY0000283'
const log = createLog({ level: process.env['TEST_LOG'] ?? 'silent', name: 'node' })

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return isRefusal(error) ? error.code : String(error)
  }
}

async function world(test: Test, began = 0) {
  const home = mkdtempSync(join(tmpdir(), 'hh-node-'))
  let offset = began
  const readClock = () => Date.now() + offset * 1000
  const hub = await startWireHub(readClock)
  const dataDir = join(home, 'node')
  const passphraseFile = join(home, 'pass')
  const open: { close(): Promise<void> }[] = []
  test.teardown(async () => {
    for (const one of open) await one.close()
    await hub.stop()
    rmSync(home, { recursive: true, force: true })
  })
  return {
    home,
    hub,
    dataDir,
    readClock,
    shift: (seconds: number) => {
      offset += seconds
    },
    init: (code = hub.codeFor(MEMBER), host = '127.0.0.1') =>
      initNode({ dataDir, code, basePort: 0, host, passphraseFile, now: readClock }),
    async start() {
      const node = await startNode({ dataDir, readClock, log })
      open.push(node)
      return node
    },
    call: <T>(action: string, args: object = {}) => callControl(dataDir, action, args) as Promise<T>,
  }
}

async function eventually<T>(ask: () => Promise<T | undefined | false>, what: string): Promise<T> {
  for (let round = 0; round < 100; round++) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`did not happen: ${what}`)
}

interface Status {
  readonly status: { readonly version: number } | null
  readonly certificates: { readonly number: number; readonly tls: string }
  readonly directory: { readonly version: number } | null
  readonly hub: { readonly streaming: boolean }
}

t.test('init enrols, resumes with the same keys, and is done once', async (t) => {
  const { init, hub, dataDir, start, call } = await world(t)
  const code = hub.codeFor(MEMBER)
  hub.control.loseAnswers = true
  t.equal(await codeOf(() => init(code)), 'INTERNAL', 'the hub issued and the answer was lost')
  const keys = readdirSync(join(dataDir, 'keys')).map((name) => [name, statSync(join(dataDir, 'keys', name)).mtimeMs])
  t.equal(await codeOf(start), 'NOT_INITIALISED', 'half a node does not start')
  hub.control.loseAnswers = false
  const { member, fingerprint, certificates } = await init(code)
  t.equal(member, MEMBER)
  t.equal(fingerprint, hub.net)
  t.same(
    readdirSync(join(dataDir, 'keys')).map((name) => [name, statSync(join(dataDir, 'keys', name)).mtimeMs]),
    keys,
    'the same keys',
  )
  t.equal(hub.members.get(MEMBER)?.certificates.length, 2, 'and nothing was issued twice')
  for (const name of readdirSync(join(dataDir, 'keys')))
    t.equal(statSync(join(dataDir, 'keys', name)).mode & 0o777, 0o600)
  t.equal(await codeOf(() => init(code)), 'ALREADY_INITIALISED')
  await start()
  t.match(await call('status'), {
    member: MEMBER,
    certificates: { tls: certificates.tls, number: 1 },
    standing: 'good',
  })
  t.equal(await codeOf(start), 'ALREADY_RUNNING')
})

const contentOf = (dataDir: string) =>
  readdirSync(join(dataDir, 'keys')).map((name) => readFileSync(join(dataDir, 'keys', name), 'utf8'))

t.test('a refused init leaves its folder to another address, member or network, with new keys', async (t) => {
  const { init, hub, dataDir, start, call } = await world(t)
  hub.control.refuse = 'ENDPOINT_REFUSED'
  t.equal(await codeOf(() => init()), 'ENDPOINT_REFUSED')
  const keys = contentOf(dataDir)
  hub.control.refuse = 'CODE_USED'
  t.equal(await codeOf(() => init(hub.codeFor(OTHER))), 'CODE_USED')
  t.notSame(contentOf(dataDir), keys, 'keys of one member are never sent for another')
  hub.control.refuse = undefined
  const other = await startWireHub(Date.now)
  t.teardown(() => other.stop())
  t.match(await init(other.codeFor(MEMBER), 'localhost'), { member: MEMBER, fingerprint: other.net })
  t.match(other.members.get(MEMBER)?.endpoint, /^https:\/\/localhost:/)
  t.equal(hub.members.size, 0)
  await start()
  t.match(await call('status'), { member: MEMBER, standing: 'good' })
})

t.test('a folder whose enrolment may have been accepted is for its member and address alone', async (t) => {
  const { init, hub, dataDir } = await world(t)
  const code = hub.codeFor(MEMBER)
  hub.control.loseAnswers = true
  t.equal(await codeOf(() => init(code)), 'INTERNAL', 'the hub issued and the answer was lost')
  hub.control.loseAnswers = false
  const keys = contentOf(dataDir)
  t.equal(await codeOf(() => init(hub.codeFor(OTHER))), 'ENROLMENT_OPEN')
  const other = await startWireHub(Date.now)
  t.teardown(() => other.stop())
  t.equal(await codeOf(() => init(other.codeFor(MEMBER))), 'ENROLMENT_OPEN', 'of another network')
  hub.control.refuse = 'RATE_LIMITED'
  t.equal(await codeOf(() => init(code)), 'RATE_LIMITED')
  hub.control.refuse = 'CODE_USED'
  t.equal(await codeOf(() => init(hub.codeFor(MEMBER))), 'CODE_USED', 'which says nothing about the first code')
  t.equal(await codeOf(() => init(code)), 'CODE_USED')
  hub.control.refuse = undefined
  t.match(await init(code, 'localhost'), { member: MEMBER })
  t.same(contentOf(dataDir), keys)
  t.match(hub.members.get(MEMBER), { certificates: { length: 2 }, endpoint: /127\.0\.0\.1/ })
})

t.test('init believes the fingerprint and nobody else', async (t) => {
  const { init, hub } = await world(t)
  const other = await startWireHub(Date.now)
  t.teardown(() => other.stop())
  const { formatEnrolmentCode, parseEnrolmentCode } = await import('#schemas/enrolment-code.ts')
  const forged = formatEnrolmentCode({ ...parseEnrolmentCode(hub.codeFor(MEMBER)), fingerprint: other.net })
  t.equal(await codeOf(() => init(forged)), 'ROOT_MISMATCH')
  t.notOk(
    hub.heard.some((line) => line.includes('enrolments')),
    'the secret was not sent',
  )
  t.equal(await codeOf(() => init('HH1.e30')), 'CODE_INVALID')
})

t.test('a node refuses keys that others may read, and starts with the hub away', async (t) => {
  const { init, hub, dataDir, start, call } = await world(t)
  await init()
  const key = join(dataDir, 'keys', '1-tls.pem')
  chmodSync(key, 0o644)
  t.equal(await codeOf(start), 'KEY_PERMISSIONS')
  chmodSync(key, 0o600)
  const first = await start()
  t.match(await call('status'), { directory: { version: hub.versionNow() } })
  await first.close()
  await hub.stop()
  await start()
  const status = await call<Status>('status')
  t.match(status, { directory: { version: hub.versionNow() }, hub: { streaming: false } }, 'trust from disk')
  const { checks } = await call<{ checks: { name: string; ok: boolean; remedy: object }[] }>('doctor')
  const found = Object.fromEntries(checks.map(({ name, ok }) => [name, ok]))
  t.match(found, { hub: false, certificates: true, disk: true, permissions: true, endpoint: true, directory: true })
})

t.test('the directory is pushed; older ones and un-revocations are refused and alarmed', async (t) => {
  const { init, hub, start, call } = await world(t)
  await init()
  await start()
  await eventually(async () => (await call<Status>('status')).hub.streaming, 'the event stream')
  hub.sign()
  const version = hub.versionNow()
  await eventually(async () => (await call<Status>('status')).directory?.version === version, 'a pushed directory')
  t.same(await call('alarms'), [])
  const alarmed = (kind: string) =>
    eventually(async () => (await call<{ kind: string }[]>('alarms')).some((alarm) => alarm.kind === kind), kind)
  hub.serveDirectory(version - 1)
  await alarmed('DIRECTORY_ROLLBACK')
  hub.sign()
  hub.statuses.set(1_000, 'revoked')
  hub.sign()
  const newest = hub.versionNow()
  await eventually(async () => (await call<Status>('status')).directory?.version === newest, 'a newer directory')
  hub.statuses.delete(1_000)
  hub.serveStatus(newest + 1)
  await alarmed('STATUS_ROLLBACK')
  t.match(await call('status'), { directory: { version: newest }, status: { version: newest } }, 'what was good stays')
})

t.test('an older status list is refused, also one that only lifts a suspension', async (t) => {
  const { init, hub, start, call } = await world(t)
  await init()
  await start()
  await eventually(async () => (await call<Status>('status')).hub.streaming, 'the event stream')
  hub.statuses.set(1_000, 'suspended')
  hub.sign()
  const newest = hub.versionNow()
  await eventually(async () => (await call<Status>('status')).status?.version === newest, 'a newer status list')
  hub.statuses.delete(1_000)
  hub.serveStatus(newest - 1)
  await eventually(
    async () => (await call<{ kind: string }[]>('alarms')).some(({ kind }) => kind === 'STATUS_ROLLBACK'),
    'the alarm',
  )
  t.match(await call('status'), { status: { version: newest } }, 'what was good stays')
})

t.test('a directory that broke off on its way is fetched again, though the hub signs no newer one', async (t) => {
  const { init, hub, start, call } = await world(t)
  await init()
  await start()
  await eventually(async () => (await call<Status>('status')).hub.streaming, 'the event stream')
  const before = (await call<Status>('status')).directory?.version
  const partsAsked = () => hub.heard.filter((line) => line.includes('/directory/parts/')).length
  const asked = partsAsked()
  hub.control.loseParts = true
  await hub.forge(OTHER)
  await eventually(async () => partsAsked() > asked, 'its part is asked for')
  t.equal((await call<Status>('status')).directory?.version, before)
  hub.control.loseParts = false
  hub.push()
  await eventually(
    async () => (await call<Status>('status')).directory?.version === hub.versionNow(),
    'the next round brings it',
  )
})

t.test('a certificate in our name that we did not ask for stops serving until it is revoked', async (t) => {
  const { init, hub, start, call } = await world(t)
  await init()
  await start()
  await eventually(async () => (await call<Status>('status')).hub.streaming, 'the event stream')
  const forged = await hub.forge(MEMBER)
  const alarms = await eventually(async () => {
    const found = await call<{ kind: string; subject: string }[]>('alarms')
    return found.some(({ kind }) => kind === 'CERTIFICATE_FOREIGN') && found
  }, 'the alarm')
  t.match(alarms, [{ kind: 'CERTIFICATE_FOREIGN', subject: MEMBER }])
  const place = hub.members.get(MEMBER)?.certificates.find(({ thumbprint }) => thumbprint === forged)?.status as number
  hub.statuses.set(place, 'revoked')
  hub.sign()
  await eventually(async () => (await call<unknown[]>('alarms')).length === 0, 'the alarm ends with the revocation')
})

t.test('renewal on demand, and the same request again after a stop', async (t) => {
  const { init, hub, start, call } = await world(t)
  const { certificates } = await init()
  const node = await start()
  t.match(await call('renew'), { checks: [{ name: 'hub', ok: true }] })
  const renewed = await call<Status>('status')
  t.equal(renewed.certificates.number, 2)
  t.not(renewed.certificates.tls, certificates.tls)
  hub.control.loseAnswers = true
  t.equal(await codeOf(() => call('renew')), 'INTERNAL')
  hub.control.loseAnswers = false
  await node.close()
  const issued = hub.members.get(MEMBER)?.certificates.length
  const again = await start()
  const resumed = await call<Status>('status')
  t.equal(resumed.certificates.number, 3, 'a renewal that was cut off is finished at the start')
  t.equal(hub.members.get(MEMBER)?.certificates.length, issued, 'with the request already made')
  await again.close()
})

t.test('a node that was off for forty days comes back by itself', async (t) => {
  // OpenSSL reads the machine's clock: the past is where enrolment took place.
  const { init, hub, start, call, shift } = await world(t, -40 * 86_400)
  await init()
  shift(40 * 86_400)
  hub.sign()
  await start()
  const awake = await eventually(async () => {
    const status = await call<Status>('status')
    return status.hub.streaming && status
  }, 'back after forty days')
  t.match(awake, { certificates: { number: 2 }, directory: { version: hub.versionNow() } })
  t.ok(hub.heard.includes('POST /v1/renewals'), 'over the listener that asks for no certificate')
})

t.test('a renewal that the hub refuses for good is an alarm', async (t) => {
  const { init, hub, start, call, shift } = await world(t, -25 * 86_400)
  await init()
  shift(25 * 86_400)
  hub.sign()
  hub.control.refuse = 'ALREADY_RENEWED'
  await start()
  t.match(
    await eventually(async () => {
      const found = await call<unknown[]>('alarms')
      return found.length > 0 && found
    }, 'an alarm'),
    [{ kind: 'ALREADY_RENEWED' }],
  )
})

t.test('backup and restore: another folder is the same node', async (t) => {
  const { init, start, call, dataDir, home, readClock } = await world(t)
  await init()
  const node = await start()
  const { handle, sha256 } = await call<{ handle: string; sha256: string }>('backup')
  const file = join(home, 'backup')
  await downloadFile(dataDir, handle, file)
  const before = await call<Status>('status')
  await node.close()
  const target = join(home, 'restored')
  t.match(await restoreNode({ dataDir: target, file }), { dataDir: target })
  t.equal(await codeOf(() => restoreNode({ dataDir: target, file })), 'ALREADY_INITIALISED')
  const restored = await startNode({ dataDir: target, readClock, log })
  t.match(await callControl(target, 'status', {}), { member: MEMBER, certificates: before.certificates })
  await restored.close()
  t.match(sha256, /^[0-9a-f]{64}$/)
})

t.test('an archive that was cut, changed or leads out of its folder is refused', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hh-archive-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const source = join(home, 'source')
  writeFileSync(source, Buffer.alloc(3_000_000, 7))
  const file = join(home, 'archive')
  const { bytes } = await writeArchive(file, { role: 'node' }, [
    { name: 'a/b', path: source },
    { name: 'c', path: source },
  ])
  const { mkdirSync } = await import('node:fs')
  const content = readFileSync(file)
  t.equal(content.length, bytes)
  const into = (name: string) => {
    mkdirSync(join(home, name))
    return join(home, name)
  }
  t.same(readArchive(file, into('good')), { role: 'node' })
  t.ok(readFileSync(join(home, 'good', 'a', 'b')).equals(readFileSync(source)))
  const changed = Buffer.from(content)
  changed[1_000_000] = 8
  for (const [name, spoilt] of [
    ['cut', content.subarray(0, content.length - 10)],
    ['half', content.subarray(0, 2_000_000)],
    ['changed', changed],
    ['more', Buffer.concat([content, Buffer.from('x')])],
    ['other', Buffer.from('hello\n')],
    ['out', Buffer.from(content.toString('latin1').replace('"a/b"', '"../"'), 'latin1')],
  ] as const) {
    const path = join(home, `${name}.archive`)
    writeFileSync(path, spoilt)
    t.equal(await codeOf(() => readArchive(path, into(name))), 'BACKUP_INVALID', name)
  }
})

t.test('events arrive whole however they are cut', async (t) => {
  const text =
    ':\n\nevent: directory\ndata: {"version":7}\n\nevent: document\ndata: {"id":"' +
    'a'.repeat(64) +
    '","kind":"request"}\n\nevent: unknown\ndata: 1\n\n'
  async function* pieces() {
    for (let at = 0; at < text.length; at += 5) yield Buffer.from(text.slice(at, at + 5))
  }
  const events = []
  for await (const event of readEvents(pieces())) events.push(event)
  t.same(events, [{ kind: 'directory' }, { kind: 'document', id: 'a'.repeat(64), document: 'request' }])
})

t.test('who never stood in the directory knows what the hub says', (t) => {
  const standing = (refused?: string) =>
    ownStanding({
      trust: { findMember: () => undefined, findRegistered: () => undefined },
      identity: { signer: () => ({ thumbprint: 'x' }) },
      stores: { facts: { find: () => refused } },
      member: MEMBER,
    } as never)
  t.equal(standing(), null)
  t.equal(standing('MEMBER_SUSPENDED'), 'suspended')
  t.equal(standing('CERTIFICATE_REVOKED'), 'revoked')
  t.end()
})
