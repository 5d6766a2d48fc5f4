import type { FastifyInstance } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Directories } from '../store/directories.ts'
import { sendTagged } from './etag.ts'

export interface DirectoryDeps {
  readonly trust: Pick<Trust, 'directory'>
  readonly directories: Pick<Directories, 'findPart'>
}

/** Protocol 2.4: the newest directory, and parts by their hash. */
export function routeDirectory(app: FastifyInstance, { trust, directories }: DirectoryDeps): void {
  app.get('/v1/directory', (request, reply) => {
    const newest = trust.directory()
    if (newest === undefined) throw new Refusal('DIRECTORY_STALE')
    return sendTagged(request, reply, { id: newest.id, text: newest.text, type: 'application/jose' })
  })

  app.get<{ Params: { hash: string } }>('/v1/directory/parts/:hash', (request, reply) => {
    const bytes = directories.findPart(request.params.hash)
    if (bytes === undefined) throw new Refusal('NOT_FOUND', { part: request.params.hash })
    // Named by its hash, so it never changes.
    return reply.header('cache-control', 'public, max-age=31536000, immutable').type('application/json').send(bytes)
  })
}
