import { randomUUID } from 'node:crypto'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify'
import type { serverTlsOptions } from '#pki/tls.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type Problem, Refusal } from '#schemas/refusal.ts'
import { watchRoutes } from './allowed-methods.ts'
import { answerBroken, answerExpectation } from './broken-requests.ts'
import { createFlood } from './flood.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { reportRefusedHandshakes } from './refused-handshakes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the refusal it was answered with, for the log. */
    refused?: string
  }
  interface FastifyInstance {
    /** Streams that would hold up a close: each is ended when the server closes. Returns how to take it off the list. */
    endOnClose(end: () => void): () => void
    /** How a refusal looks to a browser; only where the listener has pages. */
    problemPage?: (problem: Problem, request: FastifyRequest) => Promise<string>
  }
}

export interface ServerOptions {
  /** From `serverTlsOptions`; without it plain HTTP (loopback, local socket, or behind the operator's proxy). */
  readonly tls?: ReturnType<typeof serverTlsOptions>
  /** Bytes; default 64 KiB, the limit of control bodies. */
  readonly bodyLimit?: number
  readonly log: FastifyBaseLogger
  /** Milliseconds for a whole request; 0 only for a local socket, where uploads take as long as they take. */
  readonly requestTimeout?: number
}

const DRAIN_MILLISECONDS = 5_000

/**
 * The HTTP front of every listener: all time limits in both places that need them (threats 0.6), one raw-bytes body
 * parser, refusals as problem objects. Never trusts X-Forwarded-*, never coerces, never follows a foreign request id.
 */
export function createServer({
  tls,
  bodyLimit = LIMITS.controlBodyBytes,
  log,
  requestTimeout = LIMITS.requestMilliseconds,
}: ServerOptions): FastifyInstance {
  const limits = {
    headersTimeout: LIMITS.headersMilliseconds,
    requestTimeout,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: LIMITS.headerBytes,
    keepAliveTimeout: 30_000,
    // Asked by `requireOneHost`: the runtime's own answer would be empty.
    requireHostHeader: false,
  }
  const options = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID().replaceAll('-', '').slice(16),
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit,
    requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    exposeHeadRoutes: true,
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem,
    clientErrorHandler: answerBroken,
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true, maxParamLength: 300 },
    ...(tls === undefined
      ? { http: limits }
      : { https: { ...limits, ...tls, handshakeTimeout: LIMITS.handshakeMilliseconds } }),
  }
  const app = fastify(options as FastifyServerOptions) as unknown as FastifyInstance
  app.decorateRequest('refused', undefined)
  requireOneHost(app)
  app.server.on('checkExpectation', answerExpectation)
  acceptRawBytes(app)
  answerRefusals(app, watchRoutes(app))
  sayWhenToRetry(app)
  logAnswers(app)
  endStreams(app)
  if (tls !== undefined && 'requestCert' in tls && tls.requestCert) reportRefusedHandshakes(app.server, log)
  return app
}

/** RFC 9112 §3.2: two would let a proxy before us and ourselves mean different ones. */
function requireOneHost(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    const hosts = raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
    if (hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')) return
    reply.header('connection', 'close')
    throw new Refusal('HTTP_INVALID', { rule: 'exactly one Host (RFC 9112 §3.2)' })
  })
}

/** Fastify's own JSON reader takes duplicate keys, and refuses `application/jose`: bytes only, parsed strictly by the route. */
function acceptRawBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

function answerRefusals(app: FastifyInstance, findAllowedMethods: (url: string) => readonly string[]): void {
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler((request, reply) => {
    const allowed = findAllowedMethods(request.url)
    if (allowed.length === 0) throw new Refusal(OTHER_VERSION.test(request.url) ? 'PROTOCOL_UNSUPPORTED' : 'NOT_FOUND')
    reply.header('allow', allowed.join(', '))
    throw new Refusal('METHOD_UNKNOWN', { allowed })
  })
}

/** Contract, HTTP: another major version of the protocol's paths. */
const OTHER_VERSION = /^\/v(?!1\/)\d+\//

/** A refusal as a problem object; as a page where the listener has pages and a browser asks. */
async function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const problem = problemOf(error, request.id, request.log)
  request.refused = problem.code
  const page = asksForPage(request) ? await findProblemPage(problem, request) : undefined
  reply.code(problem.status).header('cache-control', 'no-store')
  if (typeof problem['retryAfter'] === 'number') reply.header('retry-after', String(problem['retryAfter']))
  return page === undefined
    ? reply.type(PROBLEM_TYPE).send(JSON.stringify(problem))
    : reply.type('text/html; charset=utf-8').send(page)
}

function asksForPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true
}

/** Where not even the refusal can be drawn, the problem object must do. */
async function findProblemPage(problem: Problem, request: FastifyRequest): Promise<string | undefined> {
  try {
    return await request.server.problemPage?.(problem, request)
  } catch (error) {
    request.log.error({ requestId: request.id, err: error }, 'a refusal could not be drawn as a page')
    return undefined
  }
}

const RETRY_SECONDS = 10

/** RFC 6585 §4: whoever asks too often is told when to ask again, as a page too. A refusal that knows better has said so. */
function sayWhenToRetry(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 429 && !reply.hasHeader('retry-after')) reply.header('retry-after', String(RETRY_SECONDS))
  })
}

/** Refusals of strangers that are told singly in a second. */
const SINGLY = 20
const PATH_CHARACTERS = 300

/** One line per answer; the query is left out, since search words may be a person's. Of refused strangers a flood is summed up. */
function logAnswers(app: FastifyInstance): void {
  const flood = createFlood(SINGLY, (sum) => app.log.warn(sum, 'further strangers refused'))
  app.addHook('onResponse', (request, reply, done) => {
    const tell = () =>
      request.log.info(
        {
          requestId: request.id,
          method: request.method,
          path: request.url.split('?', 1)[0]?.slice(0, PATH_CHARACTERS),
          status: reply.statusCode,
          refused: request.refused,
          milliseconds: Math.round(reply.elapsedTime),
        },
        'answered',
      )
    if (request.refused !== undefined && request.caller === undefined) flood.add(request.refused, request.ip, tell)
    else tell()
    done()
  })
  app.addHook('onClose', async () => flood.end())
}

/** A close waits for answers under way, but not for event streams, nor for ever. */
function endStreams(app: FastifyInstance): void {
  const open = new Set<() => void>()
  app.decorate('endOnClose', (end: () => void) => {
    open.add(end)
    return () => void open.delete(end)
  })
  app.addHook('preClose', async () => {
    for (const end of open) end()
    setTimeout(() => app.server.closeAllConnections(), DRAIN_MILLISECONDS).unref()
  })
}
