import { type CommandContext, groupOf, type Outcome, type Values } from './command.ts'

/** `hub init`, `node init`: without a running server, since there is none yet. */
export async function initialise(values: Values, { command, dataDir }: CommandContext): Promise<Outcome> {
  const { name, ports, host, code } = values as { name?: string; ports?: number; host?: string; code?: string }
  const listening = { ...(ports === undefined ? {} : { basePort: ports }), ...(host === undefined ? {} : { host }) }
  if (groupOf(command) === 'hub') {
    const { initHub } = await import('../../hub/init.ts')
    return { result: await initHub({ dataDir, ...listening, ...(name === undefined ? {} : { name }) }) }
  }
  const { initNode } = await import('../../node/init.ts')
  return { result: { ...(await initNode({ dataDir, code: String(code), ...listening })), dataDir } }
}
