import { Option, Command as Parser } from 'commander'
import { valuesOf } from './call-action.ts'
import type { Argument, Command, Flag, Values } from './command.ts'
import { helpOfCommand, helpOfGroup } from './help-text.ts'
import type { Language } from './language.ts'

/** What the parser found: a command, what was given to it, and the flags that every command takes. */
export interface Chosen {
  readonly command: Command
  readonly values: Values
  readonly data: string | undefined
}

/** A parser for the whole table. Help goes to `write`; wrong usage throws commander's own error. */
export function buildProgram(
  commands: readonly Command[],
  language: Language,
  write: (text: string) => void,
  choose: (chosen: Chosen) => void,
): Parser {
  const program = quiet(new Parser('hanghui'), write, () => helpOfGroup([], commands, language))
  // Known to the outermost parser, these three are recognised before, between and behind the words of any command.
  program.option('--data <DIR>').option('--json')
  program.addOption(new Option('--lang <LANG>').choices(['zh', 'en']))
  for (const command of commands) {
    const parent = command.words.slice(0, -1).reduce((above, word, depth) => {
      const path = command.words.slice(0, depth + 1)
      return (
        above.commands.find((one) => one.name() === word) ??
        quiet(above.command(word), write, () => helpOfGroup(path, commands, language))
      )
    }, program)
    const leaf = quiet(parent.command(command.words.at(-1) ?? ''), write, () => helpOfCommand(command, language))
    for (const argument of command.args ?? []) leaf.argument(syntaxOf(argument))
    for (const flag of command.flags ?? []) leaf.addOption(optionOf(flag))
    leaf.action((...given: unknown[]) => {
      const positionals = given.slice(0, command.args?.length ?? 0)
      choose({
        command,
        values: valuesOf(command, positionals, leaf.opts()),
        data: program.opts()['data'] as string | undefined,
      })
    })
  }
  return program
}

function quiet(parser: Parser, write: (text: string) => void, help: () => string): Parser {
  return parser
    .exitOverride()
    .helpCommand(false)
    .helpOption('-h, --help')
    .allowExcessArguments(false)
    .configureHelp({ formatHelp: help })
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} })
}

function syntaxOf({ name, optional, many }: Argument): string {
  const text = `${name}${many === true ? '...' : ''}`
  return optional === true ? `[${text}]` : `<${text}>`
}

/** `--as` and `--reason` are asked for later, since the catalogue has words of its own for their absence. */
function optionOf(flag: Flag): Option {
  const short = flag.short === undefined ? '' : `-${flag.short}, `
  const value = flag.value === undefined ? '' : ` <${flag.value.replace(/[<>]/g, '')}>`
  const option = new Option(`${short}--${flag.name}${value}`)
  if (flag.required === true && flag.name !== 'as' && flag.name !== 'reason') option.makeOptionMandatory()
  if (flag.choices !== undefined) option.choices([...flag.choices])
  else if (flag.parse !== undefined) option.argParser(flag.parse)
  return option
}
