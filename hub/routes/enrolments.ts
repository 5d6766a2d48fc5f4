import type { FastifyInstance } from 'fastify'
import { closed, JTI } from '#schemas/shapes.ts'
import { jsonBody } from '#web/serving/json-body.ts'
import { enrol } from '../actions/enrol.ts'
import { renewPair } from '../actions/renew-pair.ts'
import type { Office } from '../actions/sign-statement.ts'
import { createFailureLimit } from './failures.ts'

const DOCUMENT = { type: 'string', minLength: 1 } as const
const ENROLMENT = closed({ secret: JTI, request: DOCUMENT }, ['secret', 'request'])
const RENEWAL = closed({ request: DOCUMENT }, ['request'])

/** Protocol 3.2, 3.3: the listener that is open to everybody. */
export function routeEnrolments(app: FastifyInstance, r: Office): void {
  const limited = createFailureLimit(() => performance.now())

  app.post('/v1/enrolments', async (request, reply) => {
    const enrolled = await limited(request.ip, async () => {
      const { secret, request: text } = jsonBody(request, ENROLMENT)
      return enrol(r, secret, text)
    })
    return reply.code(201).send(enrolled)
  })

  app.post('/v1/renewals', async (request, reply) => {
    const renewed = await limited(request.ip, async () => renewPair(r, jsonBody(request, RENEWAL).request, undefined))
    return reply.code(201).send(renewed)
  })
}
