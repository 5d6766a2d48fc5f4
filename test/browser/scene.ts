import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { metaOf, publish } from '../kit/act.ts'
import { type Network, type Party, startNetwork, type Who } from '../kit/start-network.ts'
import { openBrowser, type WatchedBrowser } from './open-browser.ts'

/** A real network with a browser before it; complaints of any page are gathered in `browser`. */
export interface Scene extends AsyncDisposable {
  readonly network: Network
  readonly browser: WatchedBrowser
  /** Origin of the portal. */
  readonly portal: string
}

/** `certificate`: operators enter the hub's console by certificate alone. */
export async function openScene(nodes: readonly Who[], { certificate = false } = {}): Promise<Scene> {
  const network = await startNetwork()
  if (certificate) await askForCertificates(network.hub)
  for (const who of nodes) await network.join(who)
  const portal = network.hub.listeners()['public'] as string
  const consoles = [network.hub, ...Object.values(network.nodes)].map(consoleOf)
  const browser = await openBrowser([portal, ...consoles])
  return {
    network,
    browser,
    portal,
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

async function askForCertificates(hub: Party): Promise<void> {
  await hub.stop()
  const path = join(hub.dataDir, 'config.toml')
  writeFileSync(path, readFileSync(path, 'utf8').replace('console = "link"', 'console = "certificate"'))
  await hub.start()
}

export const consoleOf = (party: Party): string => party.listeners()['console'] as string

/** Monthly rows from January 2023 on; `lines`: rows of the file that read otherwise, the header being row 1. */
export function monthlyTable(rows: number, lines: Readonly<Record<number, string>> = {}): string {
  const table = ['月份,从业人数（千人）,失业率（%）']
  for (let row = 2; row < rows + 2; row++) {
    const month = `${2023 + Math.floor((row - 2) / 12)}-${String(((row - 2) % 12) + 1).padStart(2, '0')}`
    table.push(lines[row] ?? `${month},${12_000 + row},${(4 + row / 100).toFixed(2)}`)
  }
  return `${table.join('\r\n')}\r\n`
}

/** Publishes a monthly table with a public sample; gives the dataset's id. */
export async function publishMonthly(owner: Party, slug: string, title: string, more: object = {}): Promise<string> {
  const meta = metaOf(slug, {
    title: { zh: title, en: `Monthly ${slug} (simulated data)` },
    description: { zh: '模拟数据，仅供测试。', en: 'Simulated data, for testing.' },
    theme: 'workforce',
    industries: ['C'],
    period: { from: '2023-01', to: '2025-06' },
    periodicity: 'monthly',
    keywords: ['就业', '失业率'],
    sample: { rows: 5 },
    ...more,
  })
  const { dataset } = await publish(owner, `${slug}.csv`, monthlyTable(30), meta)
  return dataset
}
