import type { FastifyInstance } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Crls } from '../store/crls.ts'
import { sendTagged } from './etag.ts'

/** Protocol 2.2: the line of roots, oldest first; it verifies by itself over any connection. */
export function routeRoot(app: FastifyInstance, { trust }: { trust: Pick<Trust, 'roots'> }): void {
  app.get('/v1/root', (request, reply) => {
    const roots = trust.roots()
    const text = JSON.stringify({ roots: roots.map((root) => root.text) })
    return sendTagged(request, reply, { id: roots.at(-1)?.id as string, text, type: 'application/json' })
  })
}

/** For outsiders: the CRL of each CA of ours (RFC 5280), by the first 16 digits of its key's SHA-256; `/crl` is that of the CA in use, `/crl/root` the root's. */
export function routeCrls(
  app: FastifyInstance,
  { crls, inUse, root }: { crls: Crls; inUse: () => string; root: () => string },
): void {
  const send = (issuer: string): Buffer => {
    const found = crls.all().find((row) => row.issuer.startsWith(issuer))
    if (found === undefined) throw new Refusal('NOT_FOUND', { issuer })
    return found.der
  }
  app.get('/crl', (_request, reply) =>
    reply.type('application/pkix-crl').header('cache-control', 'no-cache').send(send(inUse())),
  )
  app.get('/crl/root', (_request, reply) =>
    reply.type('application/pkix-crl').header('cache-control', 'no-cache').send(send(root())),
  )
  app.get<{ Params: { issuer: string } }>('/crl/:issuer', (request, reply) => {
    const { issuer } = request.params
    if (!/^[0-9a-f]{16,64}$/.test(issuer)) throw new Refusal('NOT_FOUND', { issuer })
    return reply.type('application/pkix-crl').header('cache-control', 'no-cache').send(send(issuer))
  })
}
