import { Refusal } from '#schemas/refusal.ts'
import { requireValid, type Shape } from '#schemas/validate.ts'

/** How far a long action has come; `total` is 0 while unknown. */
export interface Progress {
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: 'bytes' | 'files' | 'rows' | 'steps'
}

/** Who asks, by which door, and where progress goes. `signal` aborts when the asker has gone away. */
export interface ActionContext {
  readonly via: 'control'
  /** The person named by `--as`: a statement, not a proof. */
  readonly as?: string
  readonly progress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** A command of the contract: its arguments' schema and what it does. */
export interface Action {
  readonly schema: object
  readonly run: (args: never, context: ActionContext) => unknown
}

/** Binds a function to the JSON Schema of its arguments. */
export function action<const S>(schema: S, run: (args: Shape<S>, context: ActionContext) => unknown): Action {
  return { schema: schema as object, run: run as unknown as Action['run'] }
}

/** All actions of a server by command name. */
export type Actions = Readonly<Record<string, Action>>

/** Arguments checked, action run. `as` goes into the context; it stays among the arguments only where the schema names it. */
export async function runAction(
  actions: Actions,
  name: string,
  body: unknown,
  context: Omit<ActionContext, 'as' | 'via'>,
): Promise<unknown> {
  if (!Object.hasOwn(actions, name)) {
    const detail = { zh: '这个服务不提供该命令', en: 'This server does not offer the command' }
    throw new Refusal('NOT_FOUND', { action: name, detail })
  }
  const { schema, run } = actions[name] as Action
  const { as, ...rest } = recordOf(body)
  if (!(as === undefined || (typeof as === 'string' && as.trim() !== '')))
    throw new Refusal('BODY_INVALID', { field: '/as' })
  const named = as !== undefined && Object.hasOwn((schema as { properties?: object }).properties ?? {}, 'as')
  const args = named ? { ...rest, as } : rest
  requireValid(schema, args, 'BODY_INVALID')
  return run(args as never, { ...context, via: 'control', ...(as === undefined ? {} : { as }) })
}

function recordOf(body: unknown): Record<string, unknown> {
  if (!(typeof body === 'object' && body !== null && !Array.isArray(body)))
    throw new Refusal('BODY_INVALID', { rule: 'arguments are an object' })
  return body as Record<string, unknown>
}
