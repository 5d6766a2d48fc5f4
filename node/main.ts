import type { FastifyInstance } from 'fastify'
import type { ReadClock } from '#schemas/clock.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { lockDataFolder } from '#web/serving/data-folder.ts'
import { createLog, type Logger } from '#web/serving/log.ts'
import { urlOf } from '#web/serving/url-of.ts'
import type { WellKnown } from '#web/serving/well-known.ts'
import { buildExchangeApp, exchangeTls } from './app.ts'
import { assembleNode } from './assemble-node.ts'
import { readNodeConfig } from './config.ts'
import type { NodeDeps } from './deps.ts'
import { openNode } from './open-node.ts'
import { openStaffConsole, type StaffConsole } from './open-staff-console.ts'

/** What `hanghui node start` may be given. `readClock` in milliseconds. */
export interface StartNodeOptions {
  readonly dataDir: string
  readonly readClock?: ReadClock
  readonly log?: Logger
}

export interface RunningNode {
  readonly member: string
  /** URL by listener name. */
  readonly listeners: Readonly<Record<'exchange' | 'console', string>>
  close(): Promise<void>
}

/** Serves a node's folder, hub or no hub. ALREADY_RUNNING, NOT_INITIALISED, CONFIG_INVALID, KEY_*, DATABASE_*. */
export async function startNode({
  dataDir: given,
  readClock = Date.now,
  log: logger,
}: StartNodeOptions): Promise<RunningNode> {
  const config = readNodeConfig(given)
  const lock = lockDataFolder(given)
  const log =
    logger ??
    createLog({
      level: config.logLevel,
      name: 'node',
      ...(config.logFile === undefined ? {} : { file: config.logFile }),
    })
  /** Undone in reverse order, whether the start fails half way or the node ends. */
  const undo: (() => void | Promise<void>)[] = [lock.release]
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const deps = openNode(lock.dir, config, log, readClock)
    undo.push(() => void deps.db.close(), deps.hub.close)
    return { ...(await serve(deps, undo)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function serve(deps: NodeDeps, undo: (() => void | Promise<void>)[]): Promise<Omit<RunningNode, 'close'>> {
  const { config, log, trust, tls } = deps
  const listeners = { exchange: '', console: '' }
  let app: FastifyInstance | undefined
  let staff: StaffConsole | undefined
  const node = assembleNode(deps, {
    listeners: () => listeners,
    // What is left out of this call falls back to Node's defaults, session tickets included: always the whole set.
    identityChanged() {
      if (app?.server !== undefined) secureServer(app).setSecureContext(exchangeTls(trust, tls()))
      staff?.refresh()
    },
  })
  const describe = (): WellKnown => ({
    role: 'node',
    versions: ['v1'],
    endpoints: { exchange: config.endpoint },
    identity: { net: trust.net, member: deps.member, name: deps.membership().name },
  })
  app = await buildExchangeApp({
    log,
    trust,
    tls,
    refreshTrust: node.refreshTrust,
    requireNoneForeign: node.requireNoneForeign,
    describe,
    routes: node.routes,
  })
  undo.push(() => app?.close())
  await app.listen({ host: config.host, port: config.ports.exchange })
  listeners.exchange = urlOf(app, 'https', config.host)

  staff = await openStaffConsole(deps, node.actions, { describe, health: node.health })
  undo.push(staff.app.close)
  listeners.console = staff.url

  const control = await serveControl({ dataDir: deps.dataDir, actions: staff.actions, transfers: deps.transfers, log })
  undo.push(control.close)

  await node.start()
  undo.push(node.stop)
  log.info({ member: deps.member, ...listeners }, 'node serves')
  return { member: deps.member, listeners }
}

function secureServer(app: FastifyInstance): { setSecureContext(options: object): void } {
  return app.server as unknown as { setSecureContext(options: object): void }
}
