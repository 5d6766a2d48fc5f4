import { chmodSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseJson } from '#schemas/json.ts'
import { type ActionContext, type Actions, type Progress, runAction } from './actions.ts'
import { dropControlAddress, takeControlAddress } from './control-address.ts'
import { createServer } from './create-server.ts'
import { rawBody } from './json-body.ts'
import type { Logger } from './log.ts'
import { problemOf } from './problem.ts'
import { pumpFile } from './pump-file.ts'
import type { OfferedFile, Transfers } from './transfers.ts'

export interface ControlOptions {
  /** Locked by this process (`lockDataFolder`). */
  readonly dataDir: string
  readonly actions: Actions
  readonly transfers: Transfers
  readonly log: Logger
}

const ARGUMENTS_BYTES = 4 * 1_048_576
const NDJSON = 'application/x-ndjson'
const IDLE_MILLISECONDS = 60_000
const PROGRESS_MILLISECONDS = 100

/** Serves the folder's actions over its local socket (0600); whoever opens it acts as the server itself. */
export async function serveControl({
  dataDir,
  actions,
  transfers,
  log,
}: ControlOptions): Promise<{ address: string; close(): Promise<void> }> {
  const app = createServer({ log, bodyLimit: ARGUMENTS_BYTES, requestTimeout: 0 })
  app.post<{ Params: { action: string } }>('/control/:action', (request, reply) =>
    answerAction(actions, request, reply),
  )
  serveTransfers(app, transfers)
  const address = takeControlAddress(dataDir)
  await app.listen({ path: address })
  if (process.platform !== 'win32') chmodSync(address, 0o600)
  return {
    address,
    close: async () => {
      await app.close()
      dropControlAddress(dataDir)
    },
  }
}

async function answerAction(
  actions: Actions,
  request: FastifyRequest<{ Params: { action: string } }>,
  reply: FastifyReply,
): Promise<unknown> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const streamed = request.headers.accept?.includes(NDJSON) === true
  const lines = streamed ? openLines(reply) : undefined
  const context: ActionContext = {
    via: { kind: 'control' },
    signal: gone.signal,
    progress: lines?.progress ?? (() => {}),
  }
  const run = async () => ({
    result: (await runAction(actions, request.params.action, parseJson(rawBody(request)), context)) ?? null,
  })
  if (lines === undefined) return run()
  try {
    lines.end(await run())
  } catch (error) {
    lines.end({ problem: problemOf(error, request.id, request.log) })
  }
  return reply
}

/** An answer of JSON lines: progress, at most ten a second, then one result or problem. */
function openLines(reply: FastifyReply) {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': NDJSON })
  let last = { phase: '', at: 0 }
  const write = (line: unknown) => void raw.write(`${JSON.stringify(line)}\n`)
  return {
    progress(progress: Progress): void {
      const at = performance.now()
      const finished = progress.done === progress.total
      if (!(progress.phase !== last.phase || finished || at - last.at >= PROGRESS_MILLISECONDS)) return
      last = { phase: progress.phase, at }
      write({ progress })
    },
    end(line: unknown): void {
      write(line)
      raw.end()
    },
  }
}

/** In its own scope: an upload is passed on as a stream, never held in memory. */
function serveTransfers(app: FastifyInstance, transfers: Transfers): void {
  void app.register((scope, _options, ready) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.post('/control/uploads', async ({ body }, reply) => {
      const upload = body as Readable
      try {
        return await transfers.receive(upload)
      } catch (error) {
        // A command hears its answer while it sends, unless the connection ends first: it is the command that closes it.
        upload.resume()
        void reply.header('connection', 'keep-alive')
        throw error
      }
    })
    scope.get<{ Params: { handle: string } }>('/control/files/:handle', (request, reply) => {
      const file = transfers.open(request.params.handle)
      reply.hijack()
      return sendFile(file, reply.raw)
    })
    ready()
  })
}

/** A whole file, in constant memory whatever its size; a command that goes away or stalls ends it. */
async function sendFile({ path, bytes }: OfferedFile, response: ServerResponse): Promise<void> {
  const file = await open(path, 'r')
  try {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes })
    const { signal } = new AbortController()
    await pumpFile(file, { from: 0, to: bytes - 1 }, response, {
      signal,
      idleMilliseconds: IDLE_MILLISECONDS,
      onSent: () => {},
    })
    response.end()
  } catch {
    // Headers are out: a broken body is the only way left to say it, and the command checks every hash.
    response.destroy()
  } finally {
    await file.close()
  }
}
