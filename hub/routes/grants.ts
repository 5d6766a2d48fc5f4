import type { FastifyInstance } from 'fastify'
import { closed } from '#schemas/shapes.ts'
import { jsonBody } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { mintGrant } from '../actions/mint-grant.ts'
import type { Exchange } from '../exchange.ts'

const BODY = closed({ request: { type: 'string' } }, ['request'])

/** Protocol 6.1: grants. */
export function routeGrants(app: FastifyInstance, x: Exchange): void {
  app.post('/v1/grants', async (request, reply) => {
    const { request: text } = jsonBody(request, BODY)
    const caller = callerOf(request)
    return reply.code(201).send(await x.commit(() => mintGrant(x, text, caller)))
  })
}
