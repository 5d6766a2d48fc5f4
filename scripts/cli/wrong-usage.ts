import type { CommanderError } from 'commander'
import { Refusal } from '#schemas/refusal.ts'

/** What the parser complains about, in Chinese; `{0}` is the first word it quotes. */
const SENTENCES: Readonly<Record<string, string>> = {
  'commander.unknownOption': '没有这个选项：{0}',
  'commander.unknownCommand': '没有这个命令：{0}',
  'commander.missingArgument': '缺少参数：{0}',
  'commander.optionMissingArgument': '选项缺少取值：{0}',
  'commander.missingMandatoryOptionValue': '必须给出选项：{0}',
  'commander.excessArguments': '参数太多',
  'commander.invalidArgument': '取值不对：{0}',
}

/** The parser's complaint as the refusal USAGE. */
export function wrongUsage({ code, message }: CommanderError, typed: string): Refusal {
  const en = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const quoted = /'([^']*)'/.exec(en)?.[1] ?? ''
  const zh = (SENTENCES[code] ?? '用法不正确 {0}').replace('{0}', () => quoted)
  return new Refusal('USAGE', { detail: { zh: `${zh}（${typed}）`, en: `${en} (${typed})` } })
}
