import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './quickstart/run-command.ts'
import { type DemoServer, startServer, stopServer } from './quickstart/servers.ts'

export const OWNER = '51100000PDY00001X3'
export const CONSUMER = '11100000PDY0090060'
export const PURPOSE = '行业运行监测'

/** A hub, an owner and a consumer as processes of their own, in one folder, spoken to through the command line. */
export interface LocalNetwork extends AsyncDisposable {
  readonly hub: string
  readonly owner: string
  readonly consumer: string
  readonly fingerprint: string
  readonly servers: Record<'hub' | 'owner' | 'consumer', DemoServer>
  /** Starts a server that was killed; its folder is as the kill left it. */
  restart(which: 'hub' | 'owner' | 'consumer'): Promise<void>
}

/** Makes and starts the network; everything listens on free ports of the loopback. */
export async function startLocalNetwork(home: string): Promise<LocalNetwork> {
  const [hub, owner, consumer] = [join(home, 'hub'), join(home, 'owner'), join(home, 'consumer')]
  const { fingerprint } = await mustRun<{ fingerprint: string }>(['hub', 'init', '--ports', '0'], hub)
  const servers: Partial<Record<'hub' | 'owner' | 'consumer', DemoServer>> = { hub: await startServer('hub', hub) }
  await mustRun(['hub', 'operator', 'add', 'Wang', '--role', 'registrar'], hub)
  await mustRun(['hub', 'operator', 'add', 'Li', '--role', 'approver'], hub)
  for (const [which, dataDir, member, memberClass] of [
    ['owner', owner, OWNER, 'association'],
    ['consumer', consumer, CONSUMER, 'department'],
  ] as const) {
    const words = ['hub', 'code', '--class', memberClass, '--member', member, '--name', `示例 ${which}`, '--as', 'Wang']
    const { code } = await mustRun<{ code: string }>(words, hub)
    await mustRun(['node', 'init', '--code', code, '--ports', '0'], dataDir)
    servers[which] = await startServer('node', dataDir)
  }
  const running = servers as Record<'hub' | 'owner' | 'consumer', DemoServer>
  return {
    hub,
    owner,
    consumer,
    fingerprint,
    servers: running,
    async restart(which) {
      running[which] = await startServer(which === 'hub' ? 'hub' : 'node', join(home, which))
    },
    async [Symbol.asyncDispose]() {
      for (const server of Object.values(running)) await stopServer(server)
    },
  }
}

/** Publishes a file of any kind as an open offer; returns what the command printed. */
export async function publishOpen(
  network: LocalNetwork,
  path: string,
  slug: string,
): Promise<{ version: number; bytes: number; chunks: number }> {
  const folder = join(network.owner, '..', 'meta')
  const meta = join(folder, `${slug}.json`)
  mkdirSync(folder, { recursive: true })
  const value = {
    slug,
    title: { zh: `文件 ${slug}` },
    contentClass: 4,
    sharing: 'unconditional',
    responsible: { unit: '信息部' },
  }
  writeFileSync(meta, JSON.stringify(value))
  return mustRun(['node', 'publish', path, '--meta', meta], network.owner)
}

/** The consumer's agreement under an open offer. */
export async function agreeOpen(network: LocalNetwork, slug: string): Promise<string> {
  const words = ['node', 'request', `${OWNER}/${slug}`, '--purpose', PURPOSE]
  return (await mustRun<{ agreement: string }>(words, network.consumer)).agreement
}

/** Greatest resident memory of a server since its start, bytes (VmHWM of proc(5)). */
export function peakMemory({ process: child }: DemoServer): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
  if (found === undefined) throw new Error(`no VmHWM of process ${child.pid}`)
  return Number(found) * 1024
}
