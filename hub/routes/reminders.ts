import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { jsonBody, rawBody } from '#web/serving/json-body.ts'
import type { Office } from '../actions/sign-statement.ts'
import { takeDirectoryReminder, takeStatusReminder } from '../actions/take-reminder.ts'

/** As long as a list may ever be, signed and in JSON. */
const LIST_BYTES = 6 * 1_048_576
const TEXT = { type: 'string', maxLength: LIST_BYTES } as const
const STATUS = closed({ status: TEXT }, ['status'])
const DIRECTORY = closed({ directory: TEXT }, ['directory'])

/** Protocol 2.7: members bring back to a restored hub what it has signed and lost. */
export function routeReminders(app: FastifyInstance, office: Office): void {
  const options = { bodyLimit: LIST_BYTES }
  app.post('/v1/status', options, (request) => {
    requireLikely(request, office.trust.status()?.text)
    return takeStatusReminder(office, jsonBody(request, STATUS).status)
  })
  app.post('/v1/directory', options, (request) => {
    requireLikely(request, office.trust.directory()?.text)
    return takeDirectoryReminder(office, jsonBody(request, DIRECTORY).directory)
  })
}

const GROWN_MOST = 4
const LIKELY_BYTES = 262_144

/** What was lost since a backup has not grown many times over: the length tells before anything is read (threats B18). */
function requireLikely(request: FastifyRequest, own = ''): void {
  const limit = Math.max(LIKELY_BYTES, GROWN_MOST * own.length)
  if (!(rawBody(request).length <= limit)) throw new Refusal('BODY_TOO_LARGE', { limit })
}
