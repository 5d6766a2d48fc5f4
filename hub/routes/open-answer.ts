import type { FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '#schemas/hash.ts'

/** How long a shared cache may keep a public answer, seconds: short enough that a publish is seen at once by people. */
const SECONDS = 2

/** A public answer with its hash as ETag (RFC 9110 §8.8.3): 304 to whoever has it already. */
export function answerOpen(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  type = 'application/json; charset=utf-8',
) {
  const text = JSON.stringify(body)
  const tag = `"${sha256(text).slice(0, 32)}"`
  reply
    .header('etag', tag)
    .header('cache-control', `public, max-age=${SECONDS}`)
    .header('access-control-allow-origin', '*')
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  return reply.type(type).send(text)
}
