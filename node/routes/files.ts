import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import { type FileServer, parseRange } from '../actions/serve-file.ts'
import { askerOf } from './asker.ts'

const PLACE = closed({ pull: HEX, n: { type: 'string', pattern: '^(0|[1-9][0-9]{0,3})$' } }, ['pull', 'n'])

export interface FileRouteDeps {
  readonly files: FileServer
}

/** Protocol 6.6: chunk lists and ranges of content, checked anew on every request. */
export function fileRoutes({ files }: FileRouteDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/v1/files/:pull/:n/chunks', async (request, reply) => {
      const asker = askerOf(request)
      const list = files.readList(await files.requireFile(asker, ...placeOf(request)))
      return reply.type('application/octet-stream').header('cache-control', 'no-store').send(list)
    })

    // What is served is counted: no HEAD.
    app.get('/v1/files/:pull/:n', { exposeHeadRoute: false }, async (request, reply) => {
      const asker = askerOf(request)
      const servable = await files.requireFile(asker, ...placeOf(request))
      // Mixed versions: the consumer says which file it means, and gets that one or nothing.
      if (!(request.headers['if-match'] === `"${servable.file.sha256}"`))
        throw new Refusal('VERSION_CHANGED', { file: servable.file.path })
      const range = parseRange(request.headers.range, servable.file.bytes)
      files.requireStart(asker, servable)
      reply.hijack()
      const forget = app.endOnClose(() => reply.raw.destroy())
      await files.serveRange(asker, servable, range, reply.raw).finally(forget)
    })
  }
}

function placeOf(request: FastifyRequest): [pull: string, n: number] {
  const { pull, n } = validate(PLACE, request.params, 'PULL_UNKNOWN')
  return [pull, Number(n)]
}
