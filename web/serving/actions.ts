import { Refusal } from '#schemas/refusal.ts'
import { requireValid, type Shape } from '#schemas/validate.ts'

/** How far a long action has come; `total` is 0 while unknown. */
export interface Progress {
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: 'bytes' | 'files' | 'rows' | 'steps'
}

/** By which door somebody came: what a name is worth depends on it. Only a certificate proves a person. */
export type Door =
  | { readonly kind: 'control' }
  | { readonly kind: 'link' }
  /** SHA-256 of the client certificate, hex. */
  | { readonly kind: 'certificate'; readonly thumbprint: string }

/** Who asks, by which door, and where progress goes. `signal` aborts when the asker has gone away. */
export interface ActionContext {
  readonly via: Door
  /** The person: the name in the certificate, else what was said (`--as`, a one-time link), a statement and not a proof. */
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

/**
 * Arguments checked, action run. Over the control socket `as` among the arguments names the person; by any other door the
 * context does, and an `as` is refused (BODY_INVALID). It stays among the arguments only where the schema names it.
 */
export async function runAction(
  actions: Actions,
  name: string,
  body: unknown,
  context: ActionContext,
): Promise<unknown> {
  if (!Object.hasOwn(actions, name)) {
    const detail = { zh: '这个服务不提供该命令', en: 'This server does not offer the command' }
    throw new Refusal('NOT_FOUND', { action: name, detail })
  }
  const { schema, run } = actions[name] as Action
  const { as: said, ...rest } = recordOf(body)
  if (!(said === undefined || (context.via.kind === 'control' && typeof said === 'string' && said.trim() !== '')))
    throw new Refusal('BODY_INVALID', { field: '/as' })
  const as = said ?? context.as
  const named = as !== undefined && Object.hasOwn((schema as { properties?: object }).properties ?? {}, 'as')
  const args = named ? { ...rest, as } : rest
  requireValid(schema, args, 'BODY_INVALID')
  return run(args as never, { ...context, ...(as === undefined ? {} : { as }) })
}

function recordOf(body: unknown): Record<string, unknown> {
  if (!(typeof body === 'object' && body !== null && !Array.isArray(body)))
    throw new Refusal('BODY_INVALID', { rule: 'arguments are an object' })
  return body as Record<string, unknown>
}
