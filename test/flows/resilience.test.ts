/** The hub away, everybody away for weeks, and servers that die in the middle. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import {
  agreeOpen,
  type LocalNetwork,
  OWNER,
  PURPOSE,
  publishOpen,
  startLocalNetwork,
} from '../../scripts/local-network.ts'
import { mustRun, runCommand } from '../../scripts/quickstart/run-command.ts'
import { stopServer } from '../../scripts/quickstart/servers.ts'
import { findProgram } from '../../scripts/test-programs.ts'
import { agree, metaOf, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent, assertFoldersConsistent } from '../kit/assert-consistent.ts'
import { speakAs, stealHubKey, withDatabase } from '../kit/speak-as.ts'
import { eventually, startNetwork } from '../kit/start-network.ts'

const TABLE = '月份,产量\n2026-01,10\n2026-02,12\n'
const HOUR = 3_600

t.test('the hub stops: pulls go on until the status list is a day old; it comes back: all goes on', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const { dataset } = await publish(owner, 'output.csv', TABLE, metaOf('output'))
  const agreement = await agree(network, consumer, owner, dataset)
  await pull(consumer, agreement)
  const voice = speakAs(network, 'ministry')
  // The hub's grant ends when its status list does; to tell the two apart, one that lasts an hour longer is made with its key.
  const [{ text }] = withDatabase(
    join(consumer.dataDir, 'node.db'),
    (db) => db.prepare('SELECT text FROM grants').all() as [{ text: string }],
  )
  const { payload } = parseDocument('grant', text)
  const iat = Math.floor(Date.now() / 1000)
  const grant = signDocument(
    'grant',
    { ...payload, jti: newJti(), iat: iat + HOUR, exp: iat + 25 * HOUR },
    stealHubKey(network, 'grant'),
  )
  const manifests = () => `${owner.listeners()['exchange']}/v1/manifests?dataset=${dataset}`

  await network.hub.stop()
  for (const node of [owner, consumer]) {
    await node.stop()
    await node.start()
  }
  t.equal((await pull(consumer, agreement)).contents[0]?.toString(), TABLE, 'both restarted, no hub')
  network.shift(11 * HOUR)
  t.ok((await pull(consumer, agreement)).verified, 'to the end of the grant')
  t.equal((await publish(owner, 'output.csv', `${TABLE}2026-03,14\n`, metaOf('output'))).state, 'queued')
  network.shift(13 * HOUR - 120)
  t.equal((await voice.ask(manifests(), { grant })).status, 200, 'to the end of the status list')
  network.shift(300)
  t.equal((await voice.ask(manifests(), { grant })).code, 'STATUS_STALE')
  await owner.stop()
  await owner.start()
  const again = speakAs(network, 'ministry')
  t.equal((await again.ask(manifests(), { grant })).code, 'STATUS_STALE', 'a restart does not make it younger')
  t.ok(['STATUS_STALE', 'HUB_UNREACHABLE'].includes(String(await refusalOf(() => pull(consumer, agreement)))))
  await voice.close()
  await again.close()

  await network.hub.start()
  await eventually(async () => (await refusalOf(() => pull(consumer, agreement))) === undefined, 'pulls go on', 300)
  await eventually(
    async () =>
      (await owner.call<{ state: string; version: number }[]>('datasets')).some(
        ({ state, version }) => state === 'published' && version === 2,
      ),
    'what was queued is published',
    300,
  )
  assertConsistent(network)
})

const faketime = findProgram('faketime')
const home = mkdtempSync(join(tmpdir(), 'hanghui-resilience-'))
t.teardown(() => rmSync(home, { recursive: true, force: true }))

function folder(name: string): string {
  const path = join(home, name)
  mkdirSync(path)
  return path
}

/** What the folders of a local network must hold, and what its consumer got. */
function assertLocal(network: LocalNetwork): void {
  assertFoldersConsistent(network.fingerprint, network.hub, [network.owner, network.consumer])
}

async function pullInto(network: LocalNetwork, agreement: string, out: string) {
  return mustRun<{ bytes: number; verified: boolean }>(['node', 'pull', agreement, '-o', out], network.consumer)
}

/** Runs a command again until it is not refused, at most `rounds` times. */
async function untilDone<T>(words: readonly string[], dataDir: string, rounds = 40): Promise<T> {
  let last = ''
  for (let round = 0; round < rounds; round++) {
    const { result, refusal } = await runCommand<T>(words, dataDir)
    if (result !== undefined) return result
    last = String(refusal?.code)
    await wait(500)
  }
  throw new Error(`hanghui ${words.join(' ')}: still ${last}`)
}

t.test(
  'hub and nodes that were off for forty days come back by themselves',
  { skip: faketime === undefined ? 'faketime is not installed' : false },
  async (t) => {
    // Children inherit it: everything is made forty days ago, and wakes up today.
    const past = Object.fromEntries(
      execFileSync(faketime as string, ['-m', '-f', '-40d', 'env'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => /^(LD_PRELOAD|FAKETIME\w*)=/.test(line))
        .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    )
    Object.assign(process.env, past, { FAKETIME_DONT_FAKE_MONOTONIC: '1' })
    const present = () => {
      for (const name of [...Object.keys(past), 'FAKETIME_DONT_FAKE_MONOTONIC']) delete process.env[name]
    }
    t.teardown(present)
    const dir = folder('weeks')
    await using network = await startLocalNetwork(dir)
    const file = join(dir, 'table.csv')
    writeFileSync(file, TABLE)
    await publishOpen(network, file, 'table')
    const agreement = await agreeOpen(network, 'table')
    t.ok((await pullInto(network, agreement, folder('weeks-before'))).verified)
    for (const server of Object.values(network.servers)) await stopServer(server)
    present()

    await network.restart('hub')
    await network.restart('owner')
    await network.restart('consumer')
    const out = folder('weeks-after')
    const pulled = await untilDone<{ verified: boolean }>(['node', 'pull', agreement, '-o', out], network.consumer)
    t.ok(pulled.verified)
    t.equal(readFileSync(join(out, 'table.csv'), 'utf8'), TABLE)
    const { certificates } = await mustRun<{ certificates: { number: number } }>(['node', 'status'], network.owner)
    t.equal(certificates.number, 2, 'renewed once, by itself')
    assertLocal(network)
  },
)

const MIB = 1024 * 1024

t.test('killed (-9) in the middle of publishing, asking and pulling: restarted, it finishes', async (t) => {
  const dir = folder('kills')
  await using network = await startLocalNetwork(dir)

  /** A step of one dataset's way, as a person types it. */
  const publishing = (slug: string) => {
    const meta = join(dir, `${slug}.json`)
    writeFileSync(meta, JSON.stringify(openMeta(slug)))
    return ['node', 'publish', join(dir, `${slug}.bin`), '--meta', meta]
  }
  const asking = (slug: string) => ['node', 'request', `${OWNER}/${slug}`, '--purpose', PURPOSE]
  const pulling = (slug: string, agreement: string) => ['node', 'pull', agreement, '-o', join(dir, `${slug}-out`)]
  const make = (slug: string): Buffer => {
    const content = randomBytes(40 * MIB)
    writeFileSync(join(dir, `${slug}.bin`), content)
    mkdirSync(join(dir, `${slug}-out`))
    return content
  }
  const timed = async <T>(words: readonly string[], dataDir: string) => {
    const began = performance.now()
    const result = await mustRun<T>(words, dataDir)
    return { result, took: performance.now() - began }
  }

  make('calm')
  const { took: publishTook } = await timed(publishing('calm'), network.owner)
  const { result: calm, took: askTook } = await timed<{ agreement: string }>(asking('calm'), network.consumer)
  const { took: pullTook } = await timed(pulling('calm', calm.agreement), network.consumer)

  /** Kills a server at a share of the time the command takes undisturbed, and starts it again; what the command says must be an answer or a refusal by name. */
  async function killDuring(which: Which, words: readonly string[], dataDir: string, after: number): Promise<void> {
    const said = runCommand<object>(words, dataDir)
    await wait(after)
    const { process: child } = network.servers[which]
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await network.restart(which)
    const { result, refusal } = await said
    const code = result === undefined ? String(refusal?.code) : 'done'
    t.match(code, /^(done|(?!INTERNAL)[A-Z_]+)$/, `${which} during ${words[1]}: ${code}`)
  }

  const content = make('storm')
  for (const [which, share] of [
    ['owner', 0.6],
    ['hub', 0.9],
    ['owner', 0.9],
  ] as const)
    await killDuring(which, publishing('storm'), network.owner, publishTook * share)
  t.match(
    await untilDone(publishing('storm'), network.owner),
    { version: 1 },
    'one version, however often it was begun',
  )
  await eventually(async () => {
    const datasets = await mustRun<{ dataset: string; state: string }[]>(['node', 'datasets'], network.owner)
    return datasets.some((one) => one.dataset === `${OWNER}/storm` && one.state === 'published')
  }, 'published')
  for (const which of ['hub', 'consumer'] as const)
    await killDuring(which, asking('storm'), network.consumer, askTook * 0.8)
  const { agreement } = await untilDone<{ agreement: string }>(asking('storm'), network.consumer)
  for (const [which, share] of [
    ['consumer', 0.45],
    ['owner', 0.5],
    ['consumer', 0.6],
    ['hub', 0.6],
  ] as const)
    await killDuring(which, pulling('storm', agreement), network.consumer, pullTook * share)
  const pulled = await untilDone(pulling('storm', agreement), network.consumer)
  t.match(pulled, { verified: true, bytes: content.length })
  t.ok(readFileSync(join(dir, 'storm-out', 'storm.bin')).equals(content), 'byte-identical')
  for (const who of ['owner', 'consumer'] as const) {
    await eventually(
      async () => {
        const all = await mustRun<{ acknowledgement: string | null }[]>(['node', 'receipts'], network[who])
        return all.length > 0 && all.every((one) => one.acknowledgement !== null)
      },
      `every pull is acknowledged at the ${who}`,
      60,
    )
  }
  assertLocal(network)
})

type Which = 'hub' | 'owner' | 'consumer'

const openMeta = (slug: string) => ({
  slug,
  title: { zh: '文件' },
  contentClass: 4,
  sharing: 'unconditional',
  responsible: { unit: '信息部' },
})
