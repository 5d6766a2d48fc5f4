import { join, relative } from 'node:path'
import { MEMBERS, OPERATORS, STAFF } from './demo-members.ts'
import type { DemoServer } from './servers.ts'
import type { ConsoleLinks, Shared } from './story.ts'

interface Summary {
  readonly home: string
  readonly hub: DemoServer
  readonly nodes: readonly DemoServer[]
  readonly shared: readonly Shared[]
  readonly fingerprint: string
  readonly seconds: number
}

/** Who shared what with whom, in figures, and what to try next. */
export function printSummary({ home, hub, nodes, shared, fingerprint, seconds }: Summary): void {
  const lines: string[] = [
    '',
    '── 完成 · Done ──',
    `${seconds.toFixed(1)} s；模拟数据 simulated data`,
    `信任根 root ${fingerprint}`,
    '',
  ]
  lines.push(
    '运行中的服务 · What is running',
    `  共享中心 hub      ${Object.entries(hub.listeners)
      .map(([name, url]) => `${name} ${url}`)
      .join('  ')}`,
  )
  for (const [at, member] of MEMBERS.entries())
    lines.push(
      `  ${member.name}  exchange ${nodes[at]?.listeners['exchange']}  console ${nodes[at]?.listeners['console']}`,
    )
  lines.push('', '谁与谁共享了什么 · Who shared what with whom')
  for (const one of shared) {
    lines.push(`  ${one.owner} → ${MEMBERS[3].name}：《${one.title}》 ${one.rows} 行 rows`)
    lines.push(
      `      ${one.bytes} 字节 bytes，取得 fetched ${one.fetchedBytes}，${one.milliseconds} ms，双方回执已存 receipts on both sides`,
    )
    lines.push(`      ${one.files.map(here).join(' ')}`)
  }
  const ministry = here(join(home, MEMBERS[3].folder))
  lines.push('', '接着试试 · Three commands to try next')
  lines.push(`  scripts/hanghui node search 从业 --data ${ministry}`)
  lines.push(`  scripts/hanghui node receipts --data ${ministry}`)
  const proof = shared[0]?.proof
  if (proof !== undefined) lines.push(`  scripts/hanghui verify ${here(proof)} --root ${fingerprint}`)
  console.log(`${lines.join('\n')}\n`)
}

/** Where to look in a browser, once servers stay up; links are good for ten minutes, once. */
export function printAddresses(home: string, hub: DemoServer, links: ConsoleLinks): void {
  const owner = MEMBERS[0]
  const lines = [
    '在浏览器里看 · Look at it in a browser',
    `  门户 portal                    ${hub.listeners['public']}/`,
    `  管理台 operators' console      ${links.hub}`,
    `      ${OPERATORS.map(({ name }) => name).join('、')}：任选一人进入 enter as any of them`,
    `  ${owner.name}的工作台 console  ${links.node}`,
    `      以${STAFF}的身份 as ${STAFF}`,
    '  链接十分钟内有效，只能用一次；要新的 · Links are good for ten minutes, once; for new ones:',
    ...consoleCommands(home),
  ]
  console.log(`${lines.join('\n')}\n`)
}

/** Servers that stop leave no link that opens anything: how to have some. */
export function printHowToLook(home: string): void {
  const lines = [
    '要在浏览器里看，先让服务常开：npm run quickstart，它会给出门户地址和控制台的一次性链接。',
    'To look at it in a browser, keep it running: npm run quickstart prints the portal and one-time links to the consoles.',
    '服务运行时也可以随时另取链接 · While it runs, these print new links:',
    ...consoleCommands(home),
  ]
  console.log(`${lines.join('\n')}\n`)
}

function consoleCommands(home: string): string[] {
  return [
    `      scripts/hanghui hub console --data ${here(join(home, 'hub'))}`,
    ...MEMBERS.map(({ folder }) => `      scripts/hanghui node console --data ${here(join(home, folder))}`),
  ]
}

function here(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}
