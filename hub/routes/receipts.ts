import type { FastifyInstance } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'
import { closed } from '#schemas/shapes.ts'
import { jsonBody, queryOf } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { fileReceipts, listReceipts } from '../actions/file-receipts.ts'
import type { Exchange } from '../exchange.ts'
import { PAGING, pageOf } from './paging.ts'

const RECEIPT = closed(
  { kind: { type: 'string', enum: ['pull-order', 'delivery', 'acknowledgement'] }, document: { type: 'string' } },
  ['kind', 'document'],
)
const BODY = closed({ documents: { type: 'array', items: RECEIPT, minItems: 1, maxItems: 100 } }, ['documents'])

/** Protocol 6.9: what both sides file about pulls, and get back. */
export function routeReceipts(app: FastifyInstance, x: Exchange): void {
  app.post('/v1/receipts', { bodyLimit: 4 * LIMITS.controlBodyBytes }, async (request, reply) => {
    const { documents } = jsonBody(request, BODY)
    const caller = callerOf(request)
    return reply.code(201).send(await x.commit(() => fileReceipts(x, documents, caller)))
  })

  app.get('/v1/receipts', async (request) => {
    const { since, limit } = pageOf(queryOf(request, PAGING))
    return listReceipts(x, callerOf(request).member.id, since, limit)
  })
}
