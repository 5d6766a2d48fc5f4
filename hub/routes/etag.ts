import type { FastifyReply, FastifyRequest } from 'fastify'

/** A signed text under its id as ETag (RFC 9110 §8.8.3): 304 where the asker has it. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, text, type }: { id: string; text: string | Buffer; type: string },
): FastifyReply {
  const etag = `"${id}"`
  reply.header('etag', etag).header('cache-control', 'no-cache')
  if (hasTag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(type).send(text)
}

/** Is the tag among those of an `If-None-Match`? Compared weakly (RFC 9110 §13.1.2). */
export function hasTag(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
