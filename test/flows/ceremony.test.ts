/** The root key offline, at a network that goes on: everything by the commands of the handbook. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { request } from 'undici'
import { toPem } from '#pki/pem.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { parseDocument } from '#schemas/document.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { signOffline } from '../../hub/ceremony.ts'
import { agree, metaOf, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent } from '../kit/assert-consistent.ts'
import { command, verifyProofs } from '../kit/command-line.ts'
import { followRoot, rootSeenBy } from '../kit/follow-root.ts'
import { withDatabase } from '../kit/speak-as.ts'
import { ADMINISTRATOR, eventually, type Network, type Party, startNetwork } from '../kit/start-network.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
/** How far the servers' clocks go ahead in all. */
const SHIFTED = 6 * DAY + 14 * HOUR
const AS = ['--as', ADMINISTRATOR]

/** A network whose root key lies in `safe`, and a pull that is to go on through everything. */
async function goOffline(network: Network) {
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const { dataset } = await publish(owner, 'output.csv', '产量\n1\n', metaOf('output'))
  const agreement = await agree(network, consumer, owner, dataset)
  const safe = join(network.home, 'safe')
  mkdirSync(safe)
  const passphrase = join(safe, 'passphrase')
  writeFileSync(passphrase, 'kept in another safe than the key\n', { mode: 0o600 })
  const { hub } = network
  const key = join(safe, 'root.pem')
  const exported = await command(hub, 'pki', 'root', 'export', '-o', key, '--passphrase-file', passphrase, ...AS)
  await command(hub, 'pki', 'root', 'remove', exported.fingerprint, ...AS)
  let [proposals, current] = [0, key]

  /** Proposal out, signed where there is neither network nor data folder, and back. */
  async function ceremony(...words: string[]) {
    const [proposal, signed] = [join(safe, `${++proposals}.json`), join(safe, `${proposals}.signed`)]
    const proposed = await command(hub, ...words, ...AS, '-o', proposal)
    const newKey = words.includes('root') && words.at(-1) === 'root' ? join(safe, `root-${proposals}.pem`) : undefined
    const nowhere = { dataDir: join(network.home, 'nowhere') }
    const more = newKey === undefined ? [] : ['--new-key-file', newKey]
    const keys = ['--key-file', current, '--passphrase-file', passphrase, ...more]
    const done = await command(nowhere, 'pki', 'root', 'sign', proposal, ...keys, '-o', signed)
    const installed = await command(hub, 'pki', 'root', 'sign', signed, ...AS)
    current = newKey ?? current
    return { proposed, done, installed, proposal, signed }
  }
  const offlineKey = () => ({ keyFile: current, passphrase: readFileSync(passphrase, 'utf8').trim() })
  return { hub, owner, consumer, agreement, safe, exported, ceremony, offlineKey }
}

const rootOf = (hub: Party) => command(hub, 'pki', 'root', 'show')

/** By which keys the hub signed the newest directory and grant that a node holds. */
function signersOf(node: Party) {
  return withDatabase(join(node.dataDir, 'node.db'), (db) => {
    const signerOf = (kind: 'directory' | 'grant', sql: string) => {
      const row = db.prepare(sql).get() as { text: string } | undefined
      return row && parseDocument(kind, row.text).signatures[0]?.thumbprint
    }
    return {
      directory: signerOf('directory', 'SELECT text FROM directories ORDER BY version DESC'),
      grant: signerOf('grant', 'SELECT text FROM grants ORDER BY rowid DESC'),
    }
  })
}

t.test('rotation, issuing CA, root key and CRL with the root key offline; nobody at a node lifts a hand', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const { hub, owner, consumer, agreement, safe, exported, ceremony, offlineKey } = await goOffline(network)
  const nodes = [owner, consumer]
  const goesOn = async (name: string) =>
    t.ok(await eventually(async () => (await pull(consumer, agreement)).verified, name), `pulls go on: ${name}`)
  await goesOn('root key taken away')
  t.match(await rootOf(hub), { version: 1, rootKey: 'offline', file: null })

  await t.test('root key: the old one vouches for the new one, and who pinned the old one goes on', async (t) => {
    const { installed } = await ceremony('pki', 'root', 'rotate', '--key', 'root')
    t.match(installed, { state: 'installed', version: 2 })
    await followRoot(nodes, 2)
    const root = await rootOf(hub)
    t.not(root.fingerprint, exported.fingerprint)
    await goesOn('new root key')
    await network.join('bob')
    t.equal(rootSeenBy(network.node('bob')), 2, 'a node that comes now pins the new one')
  })

  await t.test("the root's revocation list", async (t) => {
    const { done, installed } = await ceremony('pki', 'root', 'crl')
    t.match([done, installed], [{ kind: 'crl' }, { state: 'installed', crl: /^[0-9a-f]{64}$/ }])
    t.match(openssl(await crlAt(hub, safe), await rootPem(hub, safe)), /verify OK/)
  })

  await t.test('a stolen issuing CA: three roots and a list, then each node renews by itself', async (t) => {
    const old = join(safe, 'old-ca.pem')
    writeFileSync(old, (await rootOf(hub)).cas[0].pem)
    await ceremony('pki', 'root', 'rotate', '--key', 'issuing')
    await followRoot(nodes, 3)
    await goesOn('two issuing CAs')
    await t.rejects(command(hub, 'hub', 'ca', 'remove', old, ...AS), { code: 'ROOT_INVALID' }, 'keys stand on it')
    await ceremony('pki', 'root', 'rotate', '--compromised')
    await followRoot(nodes, 4)
    await goesOn('online keys under the new one')
    t.match((await ceremony('hub', 'ca', 'remove', old)).proposed, { ca: String, state: 'proposed', version: 5 })
    const { installed } = await ceremony('pki', 'root', 'crl')
    t.equal(installed.state, 'installed')
    const list = await crlAt(hub, safe)
    const serial = /serial=([0-9A-F]+)/.exec(
      execFileSync('openssl', ['x509', '-in', old, '-noout', '-serial'], UTF8),
    )?.[1]
    const text = execFileSync('openssl', ['crl', '-inform', 'DER', '-in', list, '-noout', '-text'], UTF8)
    t.match(text, new RegExp(`Serial Number: ${serial}`), 'outsiders read of it')
    t.match(await command(owner, 'node', 'renew'), { checks: Array }, 'by hand, at once')
    for (const who of ['ministry', 'bob'] as const) {
      await network.node(who).stop()
      await network.node(who).start()
    }
    await followRoot([...nodes, network.node('bob')], 5)
    await goesOn('certificates of the new CA')
  })

  await t.test('online keys: listed 72 h before their use', async (t) => {
    const { proposed, done, installed, proposal, signed } = await ceremony('pki', 'root', 'rotate')
    t.match(proposed, { state: 'proposed', version: 6, file: proposal })
    t.match(done, { state: 'signed', kind: 'root', file: signed })
    t.match(installed, { state: 'installed', version: 6, file: signed })
    await followRoot(nodes, 6)
    await goesOn('new online keys listed')
    const { keys } = await rootOf(hub)
    t.equal(keys.length, 6)
    const inUse = (purpose: string) =>
      keys.filter((key: { purpose: string; inUse: boolean }) => key.purpose === purpose && key.inUse)[0].thumbprint
    const fresh = (purpose: string) =>
      keys.filter((key: { purpose: string; inUse: boolean }) => key.purpose === purpose && !key.inUse)[0].thumbprint
    t.equal(signersOf(owner).directory, inUse('directory'), 'the old one signs')
    for (let day = 0; day < 3; day++) {
      network.shift(DAY)
      await eventually(async () => (await refusalOf(() => pull(consumer, agreement))) === undefined, `day ${day}`, 300)
    }
    network.shift(HOUR)
    await eventually(
      async () => nodes.every((node) => signersOf(node).directory === fresh('directory')),
      'its turn',
      300,
    )
    await goesOn('under the new directory key')
    network.shift(13 * HOUR)
    await eventually(async () => signersOf(consumer).grant === fresh('grant'), 'a grant by the new key', 300)
    await goesOn('under the new grant key')
    network.shift(3 * DAY)
    await eventually(
      async () => (await refusalOf(() => pull(consumer, agreement))) === undefined,
      'the overlap is over',
      300,
    )
    await t.rejects(
      ceremony('pki', 'root', 'rotate', '--key', 'log'),
      { code: 'CLOCK_SKEW' },
      'a machine behind the hub',
    )
    const waiting = JSON.stringify((await rootOf(hub)).proposal)
    const sign = (now: number) => signOffline({ proposal: waiting, ...offlineKey(), now: () => now })
    const here = Date.now() + SHIFTED * 1000
    const ahead = join(safe, 'ahead.signed')
    writeFileSync(ahead, (await sign(here + HOUR * 1000)).signed)
    await t.rejects(command(hub, 'pki', 'root', 'sign', ahead, ...AS), { code: 'CLOCK_SKEW' }, 'and one ahead of it')
    const right = join(safe, 'right.signed')
    writeFileSync(right, (await sign(here)).signed)
    await command(hub, 'pki', 'root', 'sign', right, ...AS)
    await followRoot(nodes, 7)
    const thumbprints = (await rootOf(hub)).keys.map((key: { thumbprint: string }) => key.thumbprint)
    t.notOk(thumbprints.includes(keys[0].thumbprint), 'what is past its overlap left with the next root')
    await goesOn('without the old keys')
  })

  await t.test('evidence of every time holds under every root of the line', async (t) => {
    const out = join(safe, 'receipts')
    for (const node of nodes) await command(node, 'node', 'receipts', '-o', out)
    const files = readdirSync(out).map((name) => join(out, name))
    t.ok(files.length >= 8, 'a proof of each pull')
    const line = join(safe, 'line.json')
    const shown = await command(hub, 'pki', 'root', 'show', '-o', line)
    t.equal(shown.file, line)
    const { roots } = JSON.parse(readFileSync(line, 'utf8'))
    t.equal(verifyRootLine(roots, exported.fingerprint).length, 7)
    for (const fingerprint of [exported.fingerprint, shown.fingerprint])
      t.same(await verifyProofs(fingerprint, ...files), { ok: true, failed: [] })
  })
  assertConsistent(network)
})

const UTF8 = { encoding: 'utf8' } as const

/** The root's list as outsiders fetch it, in a file. */
async function crlAt(hub: Party, folder: string): Promise<string> {
  const { body } = await request(`${hub.listeners()['public']}/crl/root`)
  const file = join(folder, 'root.crl')
  writeFileSync(file, Buffer.from(await body.arrayBuffer()))
  return file
}

/** The certificate of the newest root as outsiders have it, in a file. */
async function rootPem(hub: Party, folder: string): Promise<string> {
  const { roots } = await rootOf(hub)
  const file = join(folder, 'root-certificate.pem')
  writeFileSync(file, toPem('CERTIFICATE', fromBase64url(parseDocument('root', roots.at(-1)).payload.certificate)))
  return file
}

function openssl(list: string, root: string): string {
  const { stdout, stderr } = spawnSync(
    'openssl',
    ['crl', '-inform', 'DER', '-in', list, '-CAfile', root, '-noout'],
    UTF8,
  )
  return stdout + stderr
}
