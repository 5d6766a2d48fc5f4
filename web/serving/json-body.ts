import type { FastifyRequest } from 'fastify'
import { parseJson } from '#schemas/json.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Shape, validate } from '#schemas/validate.ts'

/** The body as strict JSON under a closed schema; MEDIA_TYPE_UNSUPPORTED, or BODY_INVALID with the field where it does not fit. */
export function jsonBody<const S>(request: FastifyRequest, schema: S): Shape<S> {
  const body = rawBody(request)
  // What a form of any web page can send without asking is not JSON by its name.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal('MEDIA_TYPE_UNSUPPORTED', { contentType: request.headers['content-type'] ?? '' })
  return validate(schema, parseJson(body))
}

/** The bytes of the body as received; BODY_INVALID without any. */
export function rawBody(request: FastifyRequest): Buffer {
  if (!(Buffer.isBuffer(request.body) && request.body.length > 0))
    throw new Refusal('BODY_INVALID', { rule: 'a body is needed' })
  return request.body
}

/**
 * The query under a closed schema of strings; QUERY_INVALID names the parameter. A parameter given twice arrives as
 * a list and fits no string.
 */
export function queryOf<const S>(request: FastifyRequest, schema: S): Shape<S> {
  return validate(schema, request.query, 'QUERY_INVALID')
}
