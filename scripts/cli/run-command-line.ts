import { userInfo } from 'node:os'
import { CommanderError } from 'commander'
import { Refusal } from '#schemas/refusal.ts'
import { findRefusal } from '#web/serving/problem.ts'
import { buildProgram, type Chosen } from './build-program.ts'
import { callAction, requireDecider } from './call-action.ts'
import { type CommandContext, groupOf } from './command.ts'
import { COMMANDS } from './command-table.ts'
import { chooseDataFolder } from './data-folder.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { helpOfGroup } from './help-text.ts'
import { chooseLanguage, type Language } from './language.ts'
import { findPathRefusal } from './read-input.ts'
import { problemForPrograms, refusalForPeople } from './show-refusal.ts'
import { wrongUsage } from './wrong-usage.ts'

/** What a command line is given by its process. */
export type Terminal = Pick<CommandContext, 'env' | 'stdin' | 'stdout' | 'stderr'>

/** Runs one command line (the words after `hanghui`); resolves to its exit code and never throws. */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  const flags = [...words].splice(0, words.includes('--') ? words.indexOf('--') : words.length)
  const json = flags.includes('--json')
  const language = chooseLanguage(findLanguage(flags), terminal.env)
  try {
    const chosen = parse(words, language, terminal)
    return chosen === undefined ? EXIT.done : await runChosen(chosen, { json, language }, terminal)
  } catch (error) {
    const refusal = findRefusal(error)
    // Anything else is a bug, whose trace is for whoever mends it.
    if (refusal === undefined) terminal.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return report(refusal ?? new Refusal('INTERNAL'), { json, language }, terminal)
  }
}

/** Needed before the words are parsed: help and complaints are in this language. */
function findLanguage(flags: readonly string[]): string | undefined {
  const at = flags.findLastIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const word = flags[at] ?? ''
  return word.startsWith('--lang=') ? word.slice('--lang='.length) : flags[at + 1 || flags.length]
}

/** Undefined after `--help`. */
function parse(words: readonly string[], language: Language, { stdout }: Terminal): Chosen | undefined {
  let chosen: Chosen | undefined
  const write = (text: string) => void stdout.write(text)
  try {
    buildProgram(COMMANDS, language, write, (found) => {
      chosen = found
    }).parse([...words], { from: 'user' })
    return chosen
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return undefined
    if (error.code === 'commander.help') throw unfinished(words)
    throw wrongUsage(error, ['hanghui', ...words].join(' ').slice(0, 200))
  }
}

/** `hanghui node` alone: a command is missing; its group's help says which there are. */
function unfinished(words: readonly string[]): Refusal {
  const group = words.filter((word, index) => COMMANDS.some((command) => command.words[index] === word))
  const detail = { zh: helpOfGroup(group, COMMANDS, 'zh'), en: helpOfGroup(group, COMMANDS, 'en') }
  return new Refusal('USAGE', { rule: 'a command is needed', help: detail })
}

async function runChosen(
  { command, values, data }: Chosen,
  { json, language }: { json: boolean; language: Language },
  terminal: Terminal,
): Promise<number> {
  requireDecider(command, values)
  const dataDir = chooseDataFolder(data, groupOf(command) ?? 'hub', terminal.env)
  const context: CommandContext = { ...terminal, command, dataDir, language, json, user: userName() }
  const { result, exit = EXIT.done } = await (command.run ?? callAction)(values, context).catch((error: unknown) => {
    throw findPathRefusal(error, dataDir) ?? error
  })
  if (result !== undefined) {
    const text = json ? JSON.stringify(result) : command.render(result as never, language)
    terminal.stdout.write(`${text}\n`)
  }
  return exit
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that no list names.
    return String(process.geteuid?.() ?? 'user')
  }
}

/** Says what was refused, and resolves to the exit code. */
function report(
  refusal: Refusal,
  { json, language }: { json: boolean; language: Language },
  { stdout, stderr }: Terminal,
): number {
  const help = refusal.facts['help'] as { zh: string; en: string } | undefined
  if (json) stdout.write(`${JSON.stringify(problemForPrograms(refusal))}\n`)
  else stderr.write(help === undefined ? `${refusalForPeople(refusal, language)}\n` : help[language])
  return exitCodeOf(refusal)
}
