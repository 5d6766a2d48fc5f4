import type { Text } from '#schemas/refusals/entry.ts'
import type { Progress } from '#web/serving/actions.ts'
import type { CommandContext } from './command.ts'
import { showBytes } from './values-for-people.ts'

const REDRAW_MILLISECONDS = 80
const BAR_CELLS = 24

/** Names of phases; others are shown as they come. */
const PHASES: Readonly<Record<string, Text>> = {
  upload: { zh: '读取', en: 'reading' },
  inspect: { zh: '检查', en: 'checking' },
  check: { zh: '检查', en: 'checking' },
  hash: { zh: '计算校验值', en: 'hashing' },
  chunk: { zh: '分块', en: 'chunking' },
  fetch: { zh: '调取', en: 'fetching' },
  verify: { zh: '校验', en: 'verifying' },
  connect: { zh: '联系提供方', en: 'reaching the owner' },
  acknowledge: { zh: '确认', en: 'acknowledging' },
  write: { zh: '写入', en: 'writing' },
}

/** A bar on standard error, only where that is a terminal: whoever reads a file or pipe gets none of it. */
export function openProgress({ stderr, language }: Pick<CommandContext, 'stderr' | 'language'>): {
  show(progress: Progress): void
  clear(): void
} {
  if (stderr.isTTY !== true) return { show: () => {}, clear: () => {} }
  let drawn = { at: 0, phase: '', any: false }
  return {
    show(progress) {
      const at = performance.now()
      const finished = progress.done >= progress.total
      if (!(finished || progress.phase !== drawn.phase || at - drawn.at >= REDRAW_MILLISECONDS)) return
      drawn = { at, phase: progress.phase, any: true }
      stderr.write(`\r\u001b[K${drawBar(progress, language)}`)
    },
    clear() {
      if (drawn.any) stderr.write('\r\u001b[K')
      drawn = { ...drawn, any: false }
    },
  }
}

/** `fetching  ████████░░░░  42 %  12.0 MiB / 28.4 MiB`; without a total what is done so far. */
export function drawBar({ phase, done, total, unit }: Progress, language: 'zh' | 'en'): string {
  const name = PHASES[phase]?.[language] ?? phase
  const amount = (value: number) => (unit === 'bytes' ? showBytes(value) : String(value))
  if (!(total > 0)) return done > 0 ? `${name}  ${amount(done)}` : name
  const share = Math.min(done / total, 1)
  const full = Math.floor(share * BAR_CELLS)
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full)
  return `${name}  ${bar}  ${Math.floor(share * 100)} %  ${amount(done)} / ${amount(total)}`
}
