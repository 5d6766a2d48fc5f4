/**
 * `npm run quickstart [-- --once]`: a hub and four nodes with real certificates, three associations that publish, a ministry
 * that finds, asks, pulls and verifies. State lies in `.hanghui/`; a second run goes on where the first stopped.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DATASETS, MEMBERS } from './quickstart/demo-members.ts'
import { type DemoServer, stopServer } from './quickstart/servers.ts'
import { admitMembers, bringUpHub, bringUpNode, linkConsoles, publish, type Shared, share } from './quickstart/story.ts'
import { printAddresses, printHowToLook, printSummary } from './quickstart/summary.ts'

const home = process.env['HANGHUI_QUICKSTART'] ?? fileURLToPath(new URL('../.hanghui', import.meta.url))
const once = process.argv.includes('--once')
const began = performance.now()
const servers: DemoServer[] = []

const say = (zh: string, en: string) =>
  console.log(`[${((performance.now() - began) / 1000).toFixed(1).padStart(5)}s] ${zh} · ${en}`)

async function run(): Promise<void> {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const hub = await bringUpHub(home, say, (server) => servers.push(server))
  const nodes: DemoServer[] = []
  for (const member of MEMBERS) nodes.push(await bringUpNode(member, home, say, (server) => servers.push(server)))
  await admitMembers(home)
  const shared: Shared[] = []
  for (const dataset of DATASETS) {
    const { rows, version } = await publish(dataset, home)
    say(
      `已发布《${dataset.meta.title.zh}》第 ${version} 版，${rows} 行`,
      `Published ${dataset.meta.slug} version ${version}, ${rows} rows`,
    )
    shared.push(await share(dataset, rows, home, hub.fingerprint, say))
  }
  printSummary({ home, hub, nodes, shared, fingerprint: hub.fingerprint, seconds: (performance.now() - began) / 1000 })
  if (once) printHowToLook(home)
  else printAddresses(home, hub, await linkConsoles(home))
}

async function stop(): Promise<void> {
  await Promise.all(servers.map(stopServer))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop().then(() => process.exit(0)))
}
try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error(`日志 / logs: ${join(home, '*', 'server.log')}`)
  await stop()
  process.exit(1)
}
if (once) {
  await stop()
  console.log(`quickstart: ok (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  process.exit(0)
}
console.log('运行中，按 Ctrl+C 停止 · Running; press Ctrl+C to stop')
