import type { FastifyInstance } from 'fastify'
import { sha256 } from '#schemas/hash.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Publisher } from '../actions/publish-trust.ts'
import { sendTagged } from './etag.ts'

export interface StatusDeps {
  readonly trust: Pick<Trust, 'status'>
  readonly publisher: Pick<Publisher, 'refreshed'>
}

/** Protocol 2.5: the newest status list, signed within the last minute. */
export function routeStatus(app: FastifyInstance, { trust, publisher }: StatusDeps): void {
  app.get('/v1/status', async (request, reply) => {
    // On a full disk nothing is signed: the list there was, which says itself how old it is, is more than none.
    await publisher.refreshed(true).catch((error: unknown) => {
      if (!isRefusal(error, 'DISK_FULL')) throw error
    })
    const newest = trust.status()
    if (newest === undefined) throw new Refusal('STATUS_STALE')
    return sendTagged(request, reply, { id: sha256(newest.text), text: newest.text, type: 'application/jose' })
  })
}
