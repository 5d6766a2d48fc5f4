import type { Argument, Command, Flag } from './command.ts'
import { EVERYWHERE } from './flags.ts'
import type { Language } from './language.ts'
import { widthOf } from './show-result.ts'

const WORDS = {
  zh: {
    usage: '用法',
    args: '参数',
    flags: '选项',
    commands: '命令',
    examples: '示例',
    more: '加 --help 查看各命令的说明与示例。',
    required: '（必填）',
  },
  en: {
    usage: 'Usage',
    args: 'Arguments',
    flags: 'Options',
    commands: 'Commands',
    examples: 'Examples',
    more: 'Add --help to any command for its options and examples.',
    required: ' (required)',
  },
} as const

const INTRODUCTION = {
  zh: '行汇 Hanghui：行业协会商会数据共享。数据留在各自节点，凭三方协议直接调取。',
  en: 'Hanghui: federated data exchange for industry associations. Data stay on their own node and are pulled from it under a three-party agreement.',
} as const

/** Titles of the groups, and a first path through them. */
const GROUPS = {
  hub: { zh: '共享中心', en: 'the sharing centre' },
  node: { zh: '成员的接入节点', en: "a member's node" },
  pki: { zh: '证书与信任根', en: 'certificates and the root of trust' },
} as const

/** Help of one command. */
export function helpOfCommand(command: Command, language: Language): string {
  const say = WORDS[language]
  const args = (command.args ?? []).map((arg) => [shownArgument(arg), arg.about[language]] as const)
  const flags = [...(command.flags ?? []), ...EVERYWHERE].map(
    (flag) => [shownFlag(flag), `${flag.about[language]}${flag.required === true ? say.required : ''}`] as const,
  )
  return [
    `${say.usage}: ${usageOf(command)}`,
    '',
    command.about[language],
    ...section(say.args, args),
    ...section(say.flags, flags),
    ...examples(
      command.examples.map((one) => [one.about[language], one.line] as const),
      say.examples,
    ),
    '',
  ].join('\n')
}

/** Help of a group of commands (`hanghui node`, `hanghui hub operator`) or, without words, of everything. */
export function helpOfGroup(words: readonly string[], commands: readonly Command[], language: Language): string {
  const say = WORDS[language]
  const inside = commands.filter((command) => words.every((word, index) => command.words[index] === word))
  const rows = words.length === 0 ? overview(commands, language) : inside.map((one) => rowOf(one, language))
  const [first] = words
  const title = words.length === 0 ? INTRODUCTION[language] : GROUPS[first as keyof typeof GROUPS][language]
  return [
    `${say.usage}: ${['hanghui', ...words, words.length === 0 ? '<hub|node|pki|verify>' : '<…>', '…'].join(' ')}`,
    '',
    title,
    ...section(say.commands, rows),
    ...section(
      say.flags,
      EVERYWHERE.map((flag) => [shownFlag(flag), flag.about[language]] as const),
    ),
    ...examples(exampleRows(words, inside, language), say.examples),
    '',
    say.more,
    '',
  ].join('\n')
}

/** `hanghui node pull AGREEMENT|DATASET [--version N] [-o DIR]`, as in the contract. */
export function usageOf({ words, args = [], flags = [] }: Command): string {
  const given = args.map((arg) => shownArgument(arg))
  const options = flags.map((flag) => {
    const text = `${flag.short === undefined ? `--${flag.name}` : `-${flag.short}`}${flag.value === undefined ? '' : ` ${flag.value}`}`
    return flag.required === true ? text : `[${text}]`
  })
  return ['hanghui', ...words, ...given, ...options].join(' ')
}

function overview(commands: readonly Command[], language: Language): (readonly [string, string])[] {
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => {
    const names = [...new Set(commands.filter(({ words }) => words[0] === group).map(({ words }) => words[1] ?? ''))]
    return [group, `${GROUPS[group][language]}: ${names.join(' ')}`] as const
  })
  return [...groups, ...commands.filter(({ words }) => words.length === 1).map((one) => rowOf(one, language))]
}

function exampleRows(
  words: readonly string[],
  inside: readonly Command[],
  language: Language,
): (readonly [string, string])[] {
  const shown = words.length === 0 ? FIRST_PATH : inside.flatMap(({ examples: all }) => all.slice(0, 1)).slice(0, 4)
  return shown.map(({ about, line }) => [about[language], line] as const)
}

/** The shortest way through the whole. */
const FIRST_PATH = [
  {
    about: { zh: '建立并运行共享中心', en: 'create and run a hub' },
    line: 'hub init --data ./hub && hanghui hub start --data ./hub',
  },
  {
    about: { zh: '凭接入码建立节点', en: 'create a node with its enrolment code' },
    line: 'node init --data ./node --code HH1.…',
  },
  { about: { zh: '发布数据', en: 'publish data' }, line: 'node publish employment.csv --meta employment.meta.json' },
  { about: { zh: '调取数据', en: 'pull data' }, line: 'node pull 51100000PDY0000283/employment -o ./data' },
] as const

function rowOf(command: Command, language: Language): readonly [string, string] {
  const [, ...words] = command.words
  return [
    [...(words.length === 0 ? command.words : words), ...(command.args ?? []).map(shownArgument)].join(' '),
    command.about[language],
  ]
}

function shownArgument({ name, shown, optional, many }: Argument): string {
  const text = `${shown ?? name.toUpperCase()}${many === true ? '…' : ''}`
  return optional === true ? `[${text}]` : text
}

function shownFlag({ name, short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const width = Math.min(Math.max(...rows.map(([left]) => widthOf(left))), 34)
  return [
    '',
    `${title}:`,
    ...rows.map(([left, right]) => `  ${left}${' '.repeat(Math.max(width - widthOf(left), 0))}  ${right}`),
  ]
}

function examples(rows: readonly (readonly [string, string])[], title: string): string[] {
  return rows.length === 0
    ? []
    : ['', `${title}:`, ...rows.flatMap(([about, line]) => [`  # ${about}`, `  hanghui ${line}`])]
}
