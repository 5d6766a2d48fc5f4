import type { FastifyInstance } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import { jsonBody } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import type { ClosePull } from '../actions/close-pull.ts'
import type { createOpenPull } from '../actions/open-pull.ts'
import type { createReceiveAcknowledgement } from '../actions/receive-acknowledgement.ts'
import type { ServedPulls } from '../store/served-pulls.ts'
import { askerOf } from './asker.ts'

const TEXT = { type: 'string', minLength: 1, maxLength: 65_536 } as const
const ORDER = closed({ order: TEXT, agreement: TEXT }, ['order'])
const ACKNOWLEDGEMENT = closed({ acknowledgement: TEXT }, ['acknowledgement'])
const BATCH = closed({ acknowledgements: { type: 'array', items: TEXT, minItems: 1, maxItems: 100 } }, [
  'acknowledgements',
])
const NOTHING = closed({}, [])
const PULL = closed({ pull: HEX }, ['pull'])

/** An order may bring its agreement along: two documents of up to 64 KiB. */
const BODY_BYTES = 3 * 65_536

export interface PullRouteDeps {
  readonly servedPulls: ServedPulls
  readonly openPull: ReturnType<typeof createOpenPull>
  readonly closePull: ClosePull
  readonly receiveAcknowledgement: ReturnType<typeof createReceiveAcknowledgement>
  /** There is more to file at the hub. */
  readonly acknowledged: () => void
}

/**
 * Protocol 6.5, 6.7, 6.8. Opening asks for a grant. Delivery and acknowledgement are papers about what has happened:
 * they ask for the consumer's certificate only, so that evidence is complete also after a right has ended.
 */
export function pullRoutes({ servedPulls, openPull, closePull, receiveAcknowledgement, acknowledged }: PullRouteDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/v1/pulls', { bodyLimit: BODY_BYTES }, async (request, reply) => {
      const opened = await openPull(askerOf(request), jsonBody(request, ORDER))
      return reply.code(201).send(opened)
    })

    app.post('/v1/pulls/:pull/delivery', async (request) => {
      const { pull } = validate(PULL, request.params, 'PULL_UNKNOWN')
      jsonBody(request, NOTHING)
      // Another member's pull is not to be told from none at all.
      if (!(servedPulls.find(pull)?.consumer === callerOf(request).member.id))
        throw new Refusal('PULL_UNKNOWN', { pull })
      return { delivery: await closePull(pull, 'asked') }
    })

    app.post('/v1/pulls/:pull/acknowledgement', async (request) => {
      const { pull } = validate(PULL, request.params, 'PULL_UNKNOWN')
      const { acknowledgement } = jsonBody(request, ACKNOWLEDGEMENT)
      await receiveAcknowledgement(callerOf(request).member.id, acknowledgement, pull)
      acknowledged()
      return { stored: true }
    })

    app.post('/v1/acknowledgements', { bodyLimit: 1_048_576 }, async (request) => {
      const { acknowledgements } = jsonBody(request, BATCH)
      const member = callerOf(request).member.id
      await Promise.all(acknowledgements.map((text) => receiveAcknowledgement(member, text)))
      acknowledged()
      return { stored: true }
    })
  }
}
