import type { FastifyInstance } from 'fastify'
import { serverTlsOptions } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import type { Trust } from '#schemas/trust.ts'
import { createServer } from '#web/serving/create-server.ts'
import type { Logger } from '#web/serving/log.ts'
import { requireCaller } from '#web/serving/require-caller.ts'
import { type WellKnown, wellKnown } from '#web/serving/well-known.ts'
import type { TlsNow } from './exchange-deps.ts'

interface Access {
  readonly trust: Trust
  readonly refreshTrust: () => Promise<void>
  /** CERTIFICATE_FOREIGN while somebody else speaks in our name. */
  readonly requireNoneForeign: () => void
  readonly routes: readonly ((app: FastifyInstance) => void | Promise<void>)[]
}

interface Deps extends Access {
  readonly log: Logger
  readonly tls: () => TlsNow
  readonly describe: () => WellKnown
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
  await app.register(forMembers({ trust, refreshTrust, requireNoneForeign, routes }))
  return app
}

/** What only a member's good certificate opens. */
function forMembers({ trust, refreshTrust, requireNoneForeign, routes }: Access) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onRequest', async () => requireNoneForeign())
    scope.addHook('onRequest', requireCaller({ trust, refresh: refreshTrust }))
    for (const route of routes) await route(scope)
  }
}

/** Our pair of this moment, and every listed authority as one whose members may knock. For the start and, whole again, after each change. */
export function exchangeTls(trust: Trust, { key, chain }: TlsNow): ReturnType<typeof serverTlsOptions> {
  const clientCas = trust.root().cas.flatMap(({ certificates }) => certificates.map(fromBase64url))
  return serverTlsOptions({ key, chain, clientCas })
}
