import type { FastifyInstance } from 'fastify'
import { closed } from '#schemas/shapes.ts'
import { jsonBody, queryOf } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { receiveChange } from '../actions/change-agreement.ts'
import { endOverdue } from '../actions/end-overdue.ts'
import { itemOf, listStories } from '../actions/list-agreements.ts'
import { requireAgreementParty } from '../actions/move-agreement.ts'
import { receiveAgreement } from '../actions/receive-agreement.ts'
import type { Exchange } from '../exchange.ts'
import { PAGING, pageOf } from './paging.ts'

const AGREEMENT_BODY = closed({ agreement: { type: 'string' } }, ['agreement'])
const CHANGE_BODY = closed({ change: { type: 'string' } }, ['change'])

/** Protocol 5.2, 5.4–5.8: signatures under agreements, and their changes. */
export function routeAgreements(app: FastifyInstance, x: Exchange): void {
  app.post('/v1/agreements', async (request, reply) => {
    const { agreement } = jsonBody(request, AGREEMENT_BODY)
    const caller = callerOf(request)
    const signed = await x.commit(() => receiveAgreement(x, agreement, caller))
    await x.published()
    return reply.code(201).send(signed)
  })

  app.get('/v1/agreements', async (request) => {
    const { since, limit } = pageOf(queryOf(request, PAGING))
    await endOverdue(x)
    return listStories(x, callerOf(request).member.id, 'agreements', since, limit)
  })

  app.get<{ Params: { id: string } }>('/v1/agreements/:id', async (request) => {
    await endOverdue(x)
    return itemOf(x, requireAgreementParty(x, request.params.id, callerOf(request).member.id).row, 'agreements')
  })

  app.post<{ Params: { id: string } }>('/v1/agreements/:id/changes', async (request) => {
    const { change } = jsonBody(request, CHANGE_BODY)
    const caller = callerOf(request)
    const changed = await x.commit(() => receiveChange(x, request.params.id, change, caller))
    // The party may rely on it: whoever asks for the status list from now on sees the change.
    await x.published()
    return changed
  })
}
