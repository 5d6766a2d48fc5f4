import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { addressOf } from '#web/pages/catalog-query.ts'
import { openIndex, type SearchIndex, type SearchQuery } from '../../hub/index/search-index.ts'
import { alternate, type Report } from '../bench-measure.ts'
import { MEMBERS } from '../quickstart/demo-members.ts'
import { mustRun } from '../quickstart/run-command.ts'
import { startServer, stopServer } from '../quickstart/servers.ts'

export const name = 'search-page'
export const about =
  "The portal's search page over HTTP, brotli as for a browser, beside the bare query of the index behind it: 100,000 entries."

const ENTRIES = Number(process.env['BENCH_ENTRIES'] ?? 100_000)
const BATCH = 2_000
const ROUNDS = 300

/** A hub of its own process with a filled index; the bare queries run here, over a copy of the same index. */
export async function run(report: Report): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'hanghui-bench-'))
  const dataDir = join(home, 'hub')
  await mustRun(['hub', 'init', '--ports', '0'], dataDir)
  fillIndex(join(dataDir, 'index.db'))
  copyFileSync(join(dataDir, 'index.db'), join(home, 'copy.db'))
  const index = openIndex(join(home, 'copy.db'))
  const hub = await startServer('hub', dataDir)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    const samples = await measure(index, hub.listeners['public'] as string, agent)
    const what = `search page, ${ENTRIES} entries, mixed queries`
    const said = { against: 'bare index query', unit: 'ms', better: 'lower', ...samples } as const
    report({ what: `${what}, p50`, ...said })
    report({ what: `${what}, p95`, ...said, quantile: 0.95 })
  } finally {
    agent.destroy()
    index.close()
    await stopServer(hub)
    rmSync(home, { recursive: true, force: true })
  }
}

/** Both sides are asked the same queries in the same order, each once. */
async function measure(index: SearchIndex, url: string, agent: Agent) {
  const queries = Array.from({ length: ROUNDS + 1 }, (_, at) => queryOf(at))
  const next = { ours: 0, reference: 0 }
  return alternate(ROUNDS, {
    async ours() {
      const parameters = Object.entries(queries[next.ours++] as SearchQuery) as [string, string][]
      // While the reference worked the hub slept; a portal with visitors does not, and waking is the machine's time.
      await fetchPage(`${url}/healthz`, agent)
      const began = performance.now()
      await fetchPage(`${url}${addressOf('/datasets', parameters)}`, agent)
      return performance.now() - began
    },
    async reference() {
      const query = queries[next.reference++] as SearchQuery
      const began = performance.now()
      index.search(query)
      return performance.now() - began
    },
  })
}

function fetchPage(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/html', 'accept-encoding': 'br' }
    get(url, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
      answer.resume().once('end', resolve).once('error', reject)
    }).once('error', reject)
  })
}

const GOODS = ['钢铁', '煤炭', '水泥', '纺织', '汽车', '家电', '化肥', '玻璃', '造纸', '船舶']
const KINDS = ['产量', '销量', '库存', '价格', '从业人数', '投资额', '出口额']
const THEMES = ['production', 'circulation', 'investment', 'trade', 'workforce'] as const
const INDUSTRIES = ['C31', 'B06', 'C30', 'C17', 'C36', 'E47', 'F51', 'I65', 'A01', 'G54']
const REGIONS = ['100000', '110000', '130000', '310000', '440000', '510000']

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

/** Empty, words of several kinds, facets, both, and another order: in turns. */
function queryOf(at: number): SearchQuery {
  const words = `${pick(GOODS, at)}${at % 3 === 0 ? ' ' : '行业'}${pick(KINDS, at >> 1)}`
  const queries: readonly SearchQuery[] = [
    {},
    { words },
    { theme: pick(THEMES, at), region: pick(REGIONS, at >> 2) },
    { words: pick(GOODS, at), industry: pick(INDUSTRIES, at >> 1).slice(0, 1) },
    { words: `第${at * 37}期` },
    { sort: 'used', sharing: 'conditional' },
  ]
  return pick(queries, at)
}

function fillIndex(path: string): void {
  const index = openIndex(path)
  for (let from = 0; from < ENTRIES; from += BATCH) {
    index.apply(
      Array.from({ length: Math.min(BATCH, ENTRIES - from) }, (_, step) => {
        const { name: memberName, class: memberClass } = pick(MEMBERS, from + step)
        return { put: recordOf(from + step), extra: { memberName, memberClass, sequenceNumber: from + step + 1 } }
      }),
    )
  }
  index.close()
}

function recordOf(at: number): CatalogRecord {
  const member = pick(MEMBERS, at).uscc
  const title = `${pick(GOODS, at)}行业${pick(KINDS, at >> 2)}第${at}期（模拟数据）`
  return {
    dataset: `${member}/made-${at}`,
    member,
    sequence: 1,
    terms: 1,
    version: 1 + (at % 9),
    manifest: '0'.repeat(64),
    issued: '2026-01-01T00:00:00Z',
    modified: '2026-06-01T00:00:00Z',
    bytes: 1_000 + at * 17,
    files: [{ path: 'table.csv', mediaType: 'text/csv', bytes: 1_000 + at * 17 }],
    fields: KINDS.map((kind) => ({ name: kind, type: 'number' })),
    meta: {
      slug: `made-${at}`,
      title: { zh: title },
      description: { zh: `模拟数据：${title}，由会员企业直报汇总，口径为规模以上企业，仅供测量。` },
      contentClass: 2,
      theme: pick(THEMES, at),
      industries: [pick(INDUSTRIES, at >> 1)],
      region: pick(REGIONS, at),
      period: { from: '2020-01', to: `2026-${String(1 + (at % 9)).padStart(2, '0')}` },
      periodicity: pick(['monthly', 'quarterly', 'annual'] as const, at),
      sharing: pick(['unconditional', 'conditional', 'none'] as const, at),
      ownership: 'SOURCE',
      audience: ['association', 'department'],
      legalBasis: 'other',
      classification: 'public',
      sensitive: false,
      keywords: [pick(GOODS, at), pick(KINDS, at)],
      responsible: { unit: '统计部' },
    },
  }
}
