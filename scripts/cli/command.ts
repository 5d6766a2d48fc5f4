import type { Text } from '#schemas/refusals/entry.ts'
import type { Language } from './language.ts'

/** The three groups of commands; `verify` stands alone. `pki` works on the hub's folder. */
export type Group = 'hub' | 'node' | 'pki'

/** A positional argument; the last one may take several values. */
export interface Argument {
  /** Name in the action's arguments, lower case; help shows it in capitals unless `shown` says otherwise. */
  readonly name: string
  readonly shown?: string
  readonly optional?: boolean
  readonly many?: boolean
  readonly about: Text
}

/** A flag: `--name VALUE`, or `--name` alone when it has no `value`. */
export interface Flag {
  /** Kebab-case; the action's argument is the same in camelCase unless `sent` says otherwise. */
  readonly name: string
  readonly short?: string
  readonly value?: string
  readonly choices?: readonly string[]
  /** Reads what was typed; without it the text itself is sent. Throws commander's InvalidArgumentError. */
  readonly parse?: (typed: string) => unknown
  readonly required?: boolean
  readonly about: Text
}

/** What a person typed, under the names of the table. */
export type Values = Readonly<Record<string, unknown>>

/** An example of the help: what it does, and the words after `hanghui`. */
export interface Example {
  readonly about: Text
  readonly line: string
}

/** What a running command is given. */
export interface CommandContext {
  readonly command: Command
  readonly dataDir: string
  readonly language: Language
  readonly json: boolean
  /** The operating-system user, who acts at a node when `--as` is not given. */
  readonly user: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
}

/** The result of a command, and its exit code where that is not 0. */
export interface Outcome {
  /** Undefined: the command has spoken itself (`start`). */
  readonly result: unknown
  readonly exit?: number
}

/** How a result reads to a person. `result` is what `--json` would print. */
export type Render = (result: never, language: Language) => string

/** One command of the contract: how it is called, what its help says, what it does, how its result reads. */
export interface Command {
  /** `hub operator add`. */
  readonly words: readonly string[]
  readonly args?: readonly Argument[]
  readonly flags?: readonly Flag[]
  readonly about: Text
  readonly examples: readonly Example[]
  /** Name of the control action; without it and without `run` the words after the group, joined by `-`. */
  readonly action?: string
  /** Turns what was typed into the action's arguments, where names differ or files are to be read. */
  readonly arguments?: (values: Values, context: CommandContext) => Values | Promise<Values>
  /** What it does instead of one action. */
  readonly run?: (values: Values, context: CommandContext) => Promise<Outcome>
  readonly render: Render
}

/** The group of a command; undefined for `verify`. */
export function groupOf({ words }: Command): Group | undefined {
  const [first] = words
  return first === 'hub' || first === 'node' || first === 'pki' ? first : undefined
}

/** `since-time` → `sinceTime`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Name of the control action of a command. */
export function actionOf({ action, words }: Command): string {
  return action ?? words.slice(1).join('-')
}
