import module from 'node:module'
import { Refusal } from '#schemas/refusal.ts'
import { whyNotListening } from '#web/serving/why-not-listening.ts'
import { type CommandContext, groupOf, type Outcome, type Values } from './command.ts'

/** A server as both `main.ts` hand it over. */
interface Running {
  readonly listeners: Readonly<Record<string, string>>
  close(): Promise<void>
}

const FORCED = 130

/**
 * Serves in the foreground. One line of JSON says where, once everything listens. SIGTERM or SIGINT ends gracefully, also
 * while it still starts; a second one ends at once.
 */
export async function start(_values: Values, context: CommandContext): Promise<Outcome> {
  const stop = listenForSignals()
  const running = await open(context)
  // Servers run for months, and a cache is else written only at their end: the next start is to find it.
  module.flushCompileCache()
  context.stdout.write(`${JSON.stringify({ ready: true, listeners: running.listeners })}\n`)
  await stop
  await running.close()
  return { result: undefined }
}

async function open({ command, dataDir }: CommandContext): Promise<Running> {
  try {
    if (groupOf(command) === 'hub') return await (await import('../../hub/main.ts')).startHub({ dataDir })
    return await (await import('../../node/main.ts')).startNode({ dataDir })
  } catch (error) {
    const why = whyNotListening(error)
    throw why === undefined ? error : new Refusal('CONFIG_INVALID', why)
  }
}

function listenForSignals(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = false
  const onSignal = () => {
    if (asked) process.exit(FORCED)
    asked = true
    resolve()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return promise
}
