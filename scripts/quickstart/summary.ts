import { join, relative } from 'node:path'
import { MEMBERS } from './demo-members.ts'
import type { DemoServer } from './servers.ts'
import type { Shared } from './story.ts'

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

function here(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}
