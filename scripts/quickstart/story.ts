import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDemoFile } from './demo-data.ts'
import {
  APPROVER,
  type DemoDataset,
  type DemoMember,
  MEMBERS,
  metaOf,
  OPERATORS,
  REGISTRAR,
  STAFF,
} from './demo-members.ts'
import { mustRun, runCommand } from './run-command.ts'
import { choosePorts, type DemoServer, startServer } from './servers.ts'

/** One pull of the demo, as the summary shows it. */
export interface Shared {
  readonly owner: string
  readonly title: string
  readonly rows: number
  readonly bytes: number
  readonly fetchedBytes: number
  readonly milliseconds: number
  readonly proof: string
  readonly files: readonly string[]
}

type Say = (zh: string, en: string) => void
type Started = (server: DemoServer) => void

const MINISTRY = MEMBERS[3]
const PURPOSE = '行业运行监测（演示）'

/** The hub: made once, started at each run. Listener offsets are those of `init --ports`. */
export async function bringUpHub(
  home: string,
  say: Say,
  started: Started,
): Promise<DemoServer & { fingerprint: string }> {
  const dataDir = join(home, 'hub')
  if (!existsSync(join(dataDir, 'config.toml'))) {
    say('创建共享中心：根证书、签发机构、在线密钥', 'Making the hub: root, issuing CA, online keys')
    const busy = (await choosePorts(7443, [0, 1, 2, 37])) === 0
    await mustRun(['hub', 'init', '--name', '行汇演示共享中心', ...(busy ? ['--ports', '0'] : [])], dataDir)
  }
  const server = await startServer('hub', dataDir)
  started(server)
  for (const { name, role } of OPERATORS) {
    const { refusal } = await runCommand(['hub', 'operator', 'add', name, '--role', role], dataDir)
    if (refusal !== undefined && refusal.code !== 'OPERATOR_EXISTS')
      throw new Error(`operator ${name}: ${refusal.code}`)
  }
  const { fingerprint } = await mustRun<{ fingerprint: string }>(['hub', 'status'], dataDir)
  return { ...server, fingerprint }
}

/** A node: enrolled once with a one-time code, started at each run. */
export async function bringUpNode(member: DemoMember, home: string, say: Say, started: Started): Promise<DemoServer> {
  const dataDir = join(home, member.folder)
  if (!existsSync(join(dataDir, 'config.toml'))) {
    say(`接入 ${member.name}（${member.uscc}）`, `Enrolling ${member.name} (${member.uscc})`)
    const { code } = await mustRun<{ code: string }>(
      ['hub', 'code', '--class', member.class, '--member', member.uscc, '--name', member.name, '--as', REGISTRAR],
      join(home, 'hub'),
    )
    await mustRun(
      ['node', 'init', '--code', code, '--ports', String(await choosePorts(member.basePort, [0, 1, 2]))],
      dataDir,
    )
  }
  const server = await startServer('node', dataDir)
  started(server)
  return server
}

/** The registrar looks at the fingerprints and acknowledges the four admissions. */
export async function admitMembers(home: string): Promise<void> {
  for (const waiting of await queueOf(home, 'admission'))
    await mustRun(['hub', 'approve', waiting, '--as', REGISTRAR], join(home, 'hub'))
}

/** An association publishes its month's table; the same again changes nothing. */
export async function publish(
  dataset: DemoDataset,
  home: string,
): Promise<{ rows: number; bytes: number; version: number }> {
  const inbox = join(home, dataset.folder, 'demo-input')
  const file = await writeDemoFile(dataset, inbox)
  const meta = join(inbox, 'meta.json')
  mkdirSync(inbox, { recursive: true })
  writeFileSync(meta, JSON.stringify(metaOf(dataset, file.period)))
  const { bytes, version } = await mustRun<{ bytes: number; version: number }>(
    ['node', 'publish', file.path, '--meta', meta],
    join(home, dataset.folder),
  )
  return { rows: file.rows, bytes, version }
}

/** The ministry finds the dataset, asks for it, is answered, pulls and verifies. What an earlier run did is not done again. */
export async function share(
  dataset: DemoDataset,
  rows: number,
  home: string,
  fingerprint: string,
  say: Say,
): Promise<Shared> {
  const ministry = join(home, MINISTRY.folder)
  const owner = MEMBERS.find(({ folder }) => folder === dataset.folder) as DemoMember
  const id = `${owner.uscc}/${dataset.meta.slug}`
  const words = dataset.meta.keywords[0]
  const { items } = await mustRun<{ items: { dataset: string }[] }>(['node', 'search', words], ministry)
  if (!items.some((item) => item.dataset === id)) throw new Error(`${id} was not found by ${words}`)

  const agreement = await agree(dataset, id, home, say)
  const out = join(home, 'pulled', dataset.folder)
  mkdirSync(out, { recursive: true })
  const began = performance.now()
  const pull = await mustRun<{ bytes: number; fetchedBytes: number; proof: string; files: { path: string }[] }>(
    ['node', 'pull', agreement, '-o', out],
    ministry,
  )
  const milliseconds = Math.round(performance.now() - began)
  const verdict = await mustRun<{ ok: boolean }>(['verify', pull.proof, '--root', fingerprint], ministry)
  if (!verdict.ok) throw new Error(`verify refused ${pull.proof}`)
  say(`已调取并核验《${dataset.meta.title.zh}》`, `Pulled and verified ${dataset.meta.title.en}`)
  return {
    owner: owner.name,
    title: dataset.meta.title.zh,
    rows,
    bytes: pull.bytes,
    fetchedBytes: pull.fetchedBytes,
    milliseconds,
    proof: pull.proof,
    files: pull.files.map(({ path }) => join(out, path)),
  }
}

async function agree(dataset: DemoDataset, id: string, home: string, say: Say): Promise<string> {
  const ministry = join(home, MINISTRY.folder)
  const running = await findRunning(ministry, id)
  if (running !== undefined) return running
  const open = (
    await mustRun<{ request: string; dataset: string; state: string }[]>(['node', 'requests', '--outgoing'], ministry)
  ).find((one) => one.dataset === id && one.state !== 'TERMINATED')
  const asked =
    open ??
    (await mustRun<{ request: string; agreement?: string; state: string }>(
      ['node', 'request', id, '--purpose', PURPOSE],
      ministry,
    ))
  if (asked.state === 'REQUESTED') {
    say(
      `提供方同意，管理员审批：${dataset.meta.title.zh}`,
      `Owner consents, operator approves: ${dataset.meta.title.en}`,
    )
    await waitFor(() => hasRequest(join(home, dataset.folder), asked.request))
    await mustRun(['node', 'consent', asked.request], join(home, dataset.folder))
  }
  return waitFor(async () => {
    for (const waiting of await queueOf(home, 'agreement'))
      await mustRun(
        ['hub', 'approve', waiting, '--as', APPROVER, '--reason', '用途明确，符合共享范围'],
        join(home, 'hub'),
      )
    return findRunning(ministry, id)
  })
}

async function findRunning(ministry: string, dataset: string): Promise<string | undefined> {
  const all = await mustRun<{ id: string; dataset: string; state: string }[]>(['node', 'agreements'], ministry)
  return all.find((one) => one.dataset === dataset && one.state === 'FINALIZED')?.id
}

async function hasRequest(node: string, request: string): Promise<true | undefined> {
  const incoming = await mustRun<{ request: string }[]>(['node', 'requests', '--incoming'], node)
  return incoming.some((one) => one.request === request) ? true : undefined
}

async function queueOf(home: string, kind: 'admission' | 'agreement'): Promise<string[]> {
  const queue = await mustRun<{ id: string; kind: string }[]>(['hub', 'queue'], join(home, 'hub'))
  return queue.filter((one) => one.kind === kind).map(({ id }) => id)
}

/** One-time links of the consoles that the summary leads to. */
export interface ConsoleLinks {
  /** Asks on entering who of the operators one is. */
  readonly hub: string
  readonly node: string
}

export async function linkConsoles(home: string): Promise<ConsoleLinks> {
  const hub = await mustRun<{ url: string }>(['hub', 'console'], join(home, 'hub'))
  const node = await mustRun<{ url: string }>(['node', 'console', '--as', STAFF], join(home, MEMBERS[0].folder))
  return { hub: hub.url, node: node.url }
}

/** Asks until there is an answer, at most 100 times. */
async function waitFor<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < 100; round++) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('The other side did not answer in time; see server.log in the data folders')
}
