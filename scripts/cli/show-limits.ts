import type { Text } from '#schemas/refusals/entry.ts'
import { LIMIT_WORDS } from '#web/texts/limit-words.ts'
import type { Render } from './command.ts'
import { layOut } from './show-result.ts'
import { labelOf, showBytes } from './values-for-people.ts'

const UNITS = [
  [86_400, { zh: '天', en: 'd' }],
  [3_600, { zh: '小时', en: 'h' }],
  [60, { zh: '分钟', en: 'min' }],
  [1, { zh: '秒', en: 's' }],
] as const

/** The limits table: what each number bounds, the number in a unit that a person takes in, its name for programs. */
export const showLimits: Render = (result: Readonly<Record<string, number>>, language) =>
  layOut(
    language === 'zh' ? ['限度', '数值', '名称'] : ['limit', 'value', 'name'],
    Object.entries(result).map(([name, value]) => [
      LIMIT_WORDS[name]?.[language] ?? labelOf(name, language),
      withUnit(name, value)[language],
      name,
    ]),
  )

function withUnit(name: string, value: number): Text {
  if (name.endsWith('Bytes')) return { zh: showBytes(value), en: showBytes(value) }
  if (name.endsWith('Milliseconds')) return { zh: `${value} 毫秒`, en: `${value} ms` }
  const seconds = name.endsWith('Days') ? value * 86_400 : name.endsWith('Seconds') ? value : undefined
  if (seconds === undefined) return { zh: String(value), en: String(value) }
  // Whole days are read as days from three on: 24 h and 72 h are what everybody calls them.
  const fits = ([size]: (typeof UNITS)[number]) => seconds % size === 0 && (size !== 86_400 || seconds > 3 * size)
  const [size, unit] = UNITS.find(fits) ?? UNITS[3]
  return { zh: `${seconds / size} ${unit.zh}`, en: `${seconds / size} ${unit.en}` }
}
