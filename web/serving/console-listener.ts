import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { createServer } from './create-server.ts'
import type { Logger } from './log.ts'
import { type WellKnown, wellKnown } from './well-known.ts'

export interface ConsoleOptions {
  /** A loopback address; off loopback a console needs mutual TLS. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly log: Logger
  readonly describe: () => WellKnown
  /** What `/healthz` reports beyond `ok`. */
  readonly health: () => Promise<Record<string, unknown>> | Record<string, unknown>
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** The console's listener: `/healthz` and discovery for now. Loopback only, and only under a loopback name (DNS rebinding). */
export async function openConsole({
  host,
  port,
  log,
  describe,
  health,
}: ConsoleOptions): Promise<{ app: FastifyInstance; url: string }> {
  if (!LOOPBACK.has(host))
    throw new Refusal('CONFIG_INVALID', { field: 'console.host', rule: 'loopback, or console = "certificate"' })
  const app = createServer({ log })
  app.addHook('onRequest', async (request) => requireLoopbackHost(request))
  await app.register(wellKnown(describe))
  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return { ok: true, ...(await health()) }
  })
  await app.listen({ host, port })
  return { app, url: urlOf(app, 'http', host) }
}

/** A page of a stranger's site can make a browser connect here, but not under a loopback name. */
function requireLoopbackHost(request: FastifyRequest): void {
  const host = /^(?:\[([0-9a-f:]+)\]|([^:]+))(?::\d+)?$/i.exec(request.headers.host ?? '')
  if (!LOOPBACK.has((host?.[1] ?? host?.[2] ?? '').toLowerCase())) throw new Refusal('HOST_REFUSED')
}

/** `scheme://host:port` of a listening app. */
export function urlOf(app: FastifyInstance, scheme: 'http' | 'https', host: string): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
