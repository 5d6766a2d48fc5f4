import type { FastifyInstance } from 'fastify'
import { toBase64url } from '#schemas/base64url.ts'
import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { jsonBody } from '#web/serving/json-body.ts'
import { callerOf } from '#web/serving/require-caller.ts'
import { receiveSponsorship } from '../actions/receive-sponsorship.ts'
import { renewPair } from '../actions/renew-pair.ts'
import type { Office } from '../actions/sign-statement.ts'

const DOCUMENT = { type: 'string', minLength: 1 } as const
const RENEWAL = closed({ request: DOCUMENT }, ['request'])
const SPONSORSHIP = closed({ document: DOCUMENT }, ['document'])

/** Protocol 3.3–3.5 on the member listener: renewal, the line of keys, sponsorships. */
export function routeCertificates(app: FastifyInstance, r: Office): void {
  app.post('/v1/certificates', async (request, reply) => {
    const renewed = await renewPair(r, jsonBody(request, RENEWAL).request, callerOf(request).member.id)
    return reply.code(201).send(renewed)
  })

  app.get<{ Params: { id: string } }>('/v1/certificates/:id', (request) => {
    const { id } = request.params
    const document = r.documents.find(r.certificates.find(id)?.request ?? id)
    if (document?.kind !== 'certificate-request') throw new Refusal('NOT_FOUND', { id })
    const { previous } = parseDocument('certificate-request', document.text).payload
    const before = previous === null ? undefined : r.certificates.find(previous)
    return { request: document.text, previous: before === undefined ? null : toBase64url(before.der) }
  })

  app.post('/v1/sponsorships', async (request, reply) => {
    const { document } = jsonBody(request, SPONSORSHIP)
    return reply.code(201).send(await receiveSponsorship(r, document, callerOf(request)))
  })
}
