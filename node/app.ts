import type { FastifyInstance } from 'fastify'
import { serverTlsOptions } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import type { Trust } from '#schemas/trust.ts'
import { createServer } from '#web/serving/create-server.ts'
import type { Logger } from '#web/serving/log.ts'
import { requireCaller } from '#web/serving/require-caller.ts'
import { type WellKnown, wellKnown } from '#web/serving/well-known.ts'
import type { TlsNow } from './exchange-deps.ts'

interface Deps {
  readonly log: Logger
  readonly trust: Trust
  readonly tls: () => TlsNow
  readonly refreshTrust: () => Promise<void>
  /** CERTIFICATE_FOREIGN while somebody else speaks in our name. */
  readonly requireNoneForeign: () => void
  readonly describe: () => WellKnown
  readonly routes: readonly ((app: FastifyInstance) => void | Promise<void>)[]
}

/** The exchange listener: mutual TLS, every request by a caller whose certificate counts at that moment. It does not listen yet. */
export async function buildExchangeApp({
  log,
  trust,
  tls,
  refreshTrust,
  requireNoneForeign,
  describe,
  routes,
}: Deps): Promise<FastifyInstance> {
  const app = createServer({ tls: exchangeTls(trust, tls()), log })
  await app.register(wellKnown(describe))
  await app.register(async (scope) => {
    scope.addHook('onRequest', async () => requireNoneForeign())
    scope.addHook('onRequest', requireCaller({ trust, refresh: refreshTrust }))
    for (const route of routes) await route(scope)
  })
  return app
}

/** Our pair of this moment, and every listed authority as one whose members may knock. For the start and, whole again, after each change. */
export function exchangeTls(trust: Trust, { key, chain }: TlsNow): ReturnType<typeof serverTlsOptions> {
  const clientCas = trust.root().cas.flatMap(({ certificates }) => certificates.map(fromBase64url))
  return serverTlsOptions({ key, chain, clientCas })
}
