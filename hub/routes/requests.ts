import type { FastifyInstance } from 'fastify'
import { closed } from '#schemas/shapes.ts'
import { jsonBody, queryOf } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { endOverdue } from '../actions/end-overdue.ts'
import { itemOf, listStories } from '../actions/list-agreements.ts'
import { requireParty } from '../actions/move-agreement.ts'
import { receiveAnswer } from '../actions/receive-answer.ts'
import { receiveRequest } from '../actions/receive-request.ts'
import type { Exchange } from '../exchange.ts'
import { PAGING, pageOf } from './paging.ts'

const REQUEST_BODY = closed({ request: { type: 'string' } }, ['request'])
const DOCUMENT_BODY = closed({ document: { type: 'string' } }, ['document'])

/** Protocol 5.1, 5.3, 5.8: wishes and what is said on them. */
export function routeRequests(app: FastifyInstance, x: Exchange): void {
  app.post('/v1/requests', async (request, reply) => {
    const { request: text } = jsonBody(request, REQUEST_BODY)
    const caller = callerOf(request)
    return reply.code(201).send(await x.commit(() => receiveRequest(x, text, caller)))
  })

  app.get('/v1/requests', async (request) => {
    const { since, limit } = pageOf(queryOf(request, PAGING))
    await endOverdue(x)
    return listStories(x, callerOf(request).member.id, 'requests', since, limit)
  })

  app.get<{ Params: { id: string } }>('/v1/requests/:id', async (request) => {
    await endOverdue(x)
    return itemOf(x, requireParty(x, request.params.id, callerOf(request).member.id).row, 'requests')
  })

  for (const kind of ['offer', 'consent', 'refusal'] as const) {
    app.post<{ Params: { id: string } }>(`/v1/requests/:id/${kind}`, async (request) => {
      const { document } = jsonBody(request, DOCUMENT_BODY)
      const caller = callerOf(request)
      return x.commit(() => receiveAnswer(x, kind, request.params.id, document, caller))
    })
  }
}
