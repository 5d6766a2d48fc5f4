import type { FastifyRequest } from 'fastify'
import { parseJson } from '#schemas/json.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Shape, validate } from '#schemas/validate.ts'

/** The body as strict JSON under a closed schema; BODY_INVALID with the field where it does not fit. */
export function jsonBody<const S>(request: FastifyRequest, schema: S): Shape<S> {
  return validate(schema, parseJson(rawBody(request)))
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
