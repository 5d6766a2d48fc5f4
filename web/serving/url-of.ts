import type { FastifyInstance } from 'fastify'

/** `scheme://host:port` of a listening app. */
export function urlOf(app: FastifyInstance, scheme: 'http' | 'https', host: string): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${portOf(app)}`
}

/** The port that a listening app was given. */
export function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
