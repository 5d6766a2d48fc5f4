import { Refusal } from '#schemas/refusal.ts'
import { callControl } from '#web/serving/call-control.ts'
import {
  actionOf,
  type Command,
  type CommandContext,
  camelCase,
  groupOf,
  type Outcome,
  type Values,
} from './command.ts'
import { openProgress } from './progress-bar.ts'

/** Asks the running server to do the command's action, with progress on a terminal. */
export async function callAction(values: Values, context: CommandContext): Promise<Outcome> {
  const { command } = context
  const chosen = command.arguments === undefined ? values : await command.arguments(values, context)
  return { result: await ask(actionOf(command), chosen, context) }
}

/** Any action with these arguments; at a node the person is the operating-system user unless named. */
export async function ask(action: string, values: Values, context: CommandContext): Promise<unknown> {
  const progress = openProgress(context)
  try {
    return await callControl(context.dataDir, action, argumentsOf(values, context), { onProgress: progress.show })
  } finally {
    progress.clear()
  }
}

function argumentsOf(values: Values, { command, user }: CommandContext): Values {
  const takesPerson = command.flags?.some(({ name }) => name === 'as') === true
  const person = groupOf(command) === 'node' && takesPerson && values['as'] === undefined ? { as: user } : {}
  return { ...values, ...person }
}

/** What was typed, under the names that actions use: flags in camelCase; what was not given is left out. */
export function valuesOf(
  command: Command,
  positionals: readonly unknown[],
  flags: Readonly<Record<string, unknown>>,
): Values {
  const given = [
    ...(command.args ?? []).map(({ name }, index) => [name, unshortened(positionals[index])] as const),
    ...(command.flags ?? []).map(({ name }) => [camelCase(name), flags[camelCase(name)]] as const),
  ]
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

/** An id copied as tables print it, `3f9c01d2a4b6…`, is its prefix. */
function unshortened(typed: unknown): unknown {
  return typeof typed === 'string' && /^[0-9a-f]+…$/.test(typed) ? typed.slice(0, -1) : typed
}

/** Contract, Roles: decisions name a person and say why; the catalogue has a code for either. */
export function requireDecider(command: Command, values: Values): void {
  for (const [name, code] of [
    ['as', 'OPERATOR_REQUIRED'],
    ['reason', 'REASON_REQUIRED'],
  ] as const) {
    const flag = command.flags?.find((one) => one.name === name)
    const value = values[name]
    if (flag?.required === true && !(typeof value === 'string' && value.trim() !== '')) throw new Refusal(code)
  }
}
