import type { FastifyInstance } from 'fastify'
import { closed } from '#schemas/shapes.ts'
import { jsonBody } from '#web/serving/json-body.ts'
import type { Office } from '../actions/sign-statement.ts'
import { takeDirectoryReminder, takeStatusReminder } from '../actions/take-reminder.ts'

/** As long as a list may be, signed and in JSON. */
const LIST_BYTES = 8 * 1_048_576
const TEXT = { type: 'string', maxLength: LIST_BYTES } as const
const STATUS = closed({ status: TEXT }, ['status'])
const DIRECTORY = closed({ directory: TEXT }, ['directory'])

/** Protocol 2.7: members bring back to a restored hub what it has signed and lost. */
export function routeReminders(app: FastifyInstance, office: Office): void {
  const options = { bodyLimit: LIST_BYTES }
  app.post('/v1/status', options, (request) => takeStatusReminder(office, jsonBody(request, STATUS).status))
  app.post('/v1/directory', options, (request) => takeDirectoryReminder(office, jsonBody(request, DIRECTORY).directory))
}
