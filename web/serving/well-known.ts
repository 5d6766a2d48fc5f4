import type { FastifyInstance } from 'fastify'

/** What `GET /.well-known/hanghui` says on every listener: enough to find one's way and to know who speaks. */
export interface WellKnown {
  readonly role: 'hub' | 'node'
  /** Major protocol versions, `v1`. */
  readonly versions: readonly string[]
  /** URL by listener name; null for a node that cannot be reached from outside. */
  readonly endpoints: Readonly<Record<string, string | null>>
  /** Network (first root's fingerprint), name, member where there is one. A claim: only certificates prove it. */
  readonly identity: Readonly<Record<string, string | null>>
}

/** Registers the discovery resource; `describe` is asked each time, since names and endpoints change. */
export function wellKnown(describe: () => WellKnown) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/.well-known/hanghui', async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { hanghui: 1, ...describe() }
    })
  }
}
