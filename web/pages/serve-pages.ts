import { brotliCompressSync, constants } from 'node:zlib'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '#schemas/refusal.ts'
import { problemOf } from '../serving/problem.ts'
import { ASSETS_FOLDER } from './assets.ts'
import { type Frame, renderPage } from './frame.ts'
import { type Answer, localPath, type Page } from './page.ts'
import { problemPage } from './problem-page.ts'
import { readView, VIEW_COOKIE, type Visit, visitOf, writeView } from './visit.ts'

export interface SiteOptions {
  /** What surrounds the page of this visit. */
  readonly frame: (visit: Visit, request: FastifyRequest) => Frame | Promise<Frame>
  /** `no-store` where a person is logged in. */
  readonly cacheControl: string
  /** Over TLS: cookies are Secure. */
  readonly secure: boolean
  /** Browsers are told to stay on HTTPS, on every port of this host (RFC 6797 §8.3): only where nothing of it speaks plain HTTP. */
  readonly strictTransport?: boolean
  /** Asked before anything is answered or a body is read; what it throws is answered like any refusal. */
  readonly admit?: (request: FastifyRequest) => void
  /** Compresses pages; never where a page holds a secret of its reader (BREACH). */
  readonly compress: boolean
  /** The page where there is none, for a site that can help the lost. */
  readonly lostPage?: (visit: Visit) => Page
}

export type Handler = (visit: Visit, request: FastifyRequest, reply: FastifyReply) => Answer | Promise<Answer>

/** Registers pages: each path stands for itself and for its English twin under `/en`. */
export interface PageRoutes {
  get(path: string, handler: Handler): void
  post(path: string, handler: Handler): void
  /** The scope in which pages live: its hooks do not touch machines' resources. */
  readonly scope: FastifyInstance
}

/** Threats I2, I3: nothing inline, nothing from elsewhere, no framing, no sniffing. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
} as const

/**
 * Opens a site of server-rendered pages on a listener: assets, reading settings, security headers, and `routes` for its
 * pages. A refusal becomes a page where a browser asks (`Accept: text/html`), else the problem object.
 */
export async function servePages(
  app: FastifyInstance,
  options: SiteOptions,
  routes: (pages: PageRoutes) => void | Promise<void>,
): Promise<void> {
  await app.register(cookie)
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: POLICY as never,
    hsts: options.strictTransport === true ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  // After the headers and cookies that the page of a refusal needs too.
  const { admit } = options
  if (admit !== undefined) app.addHook('onRequest', async (request, reply) => admitOrClose(admit, request, reply))
  const scoped: FastifyPluginAsync = (scope) => openScope(scope, options, routes)
  await app.register(scoped)
  app.decorate('problemPage', async (problem: Problem, request: FastifyRequest) => {
    const visit = visitOf(request)
    const own = problem.code === 'NOT_FOUND' ? options.lostPage?.(visit) : undefined
    return renderPage(visit, await options.frame(visit, request), own ?? problemPage(visit, problem))
  })
}

/** Who is refused is read no further: the rest of a body could take for ever. */
function admitOrClose(admit: (request: FastifyRequest) => void, request: FastifyRequest, reply: FastifyReply): void {
  try {
    admit(request)
  } catch (error) {
    reply.header('connection', 'close')
    throw error
  }
}

async function openScope(
  scope: FastifyInstance,
  options: SiteOptions,
  routes: (pages: PageRoutes) => void | Promise<void>,
): Promise<void> {
  if (options.compress) await addCompression(scope)
  await scope.register(formbody, { bodyLimit: FORM_BYTES })
  await serveAssets(scope)
  const pages = createPageRoutes(scope, options)
  pages.get('/view', keepView(options))
  await routes(pages)
}

const FORM_BYTES = 1_048_576

function createPageRoutes(scope: FastifyInstance, options: SiteOptions): PageRoutes {
  const add = (method: 'GET' | 'POST', path: string, handler: Handler) => {
    const twins = path === '/' ? ['/', '/en/', '/en'] : [path, `/en${path}`]
    for (const url of twins)
      scope.route({ method, url, handler: (request, reply) => answer(options, handler, request, reply) })
  }
  return {
    scope,
    get: (path, handler) => add('GET', path, handler),
    post: (path, handler) => add('POST', path, handler),
  }
}

async function answer(options: SiteOptions, handler: Handler, request: FastifyRequest, reply: FastifyReply) {
  const visit = visitOf(request)
  const found = await handler(visit, request, reply)
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', options.cacheControl)
  if ('redirect' in found) {
    const location = localPath(found.redirect)
    // A script that hands in a form goes there itself: followed on the way, the page's message would be shown to nobody.
    const byScript = request.method === 'POST' && request.headers.accept === 'application/json'
    return byScript ? reply.send({ location }) : reply.redirect(location, 303)
  }
  if ('raw' in found)
    return reply
      .code(found.status ?? 200)
      .type(found.type)
      .headers(found.headers ?? {})
      .send(found.raw)
  const text = renderPage(visit, await options.frame(visit, request), found)
  reply
    .code(found.status ?? 200)
    .header('vary', 'cookie')
    .type('text/html; charset=utf-8')
  return options.compress ? sendCompressed(request, reply, text) : reply.send(text)
}

/** A page is short: compressed at once it costs a fraction of what a stream does. Other encodings are left to the plugin. */
function sendCompressed(request: FastifyRequest, reply: FastifyReply, text: string) {
  reply.header('vary', 'cookie, accept-encoding')
  if (!/\bbr\b(?!\s*;\s*q=0(?:\.0*)?(?!\d))/.test(String(request.headers['accept-encoding'] ?? '')))
    return reply.send(text)
  return reply.header('content-encoding', 'br').send(brotliCompressSync(text, { params: PAGE_BROTLI }))
}

/** Answers a thrown error as a page; for handlers that want to render a refusal in their own way, `problemOf` is the door. */
export function problemFor(error: unknown, request: FastifyRequest): Problem {
  return problemOf(error, request.id, request.log)
}

async function serveAssets(scope: FastifyInstance): Promise<void> {
  const { default: files } = await import('@fastify/static')
  await scope.register(files, {
    root: ASSETS_FOLDER,
    prefix: '/assets/',
    maxAge: '365d',
    immutable: true,
    index: false,
    wildcard: false,
  })
}

/** A level that costs a page less than its own rendering, and a window of a page's size instead of megabytes. */
const PAGE_BROTLI = {
  [constants.BROTLI_PARAM_QUALITY]: 2,
  [constants.BROTLI_PARAM_LGWIN]: 17,
} as const

async function addCompression(scope: FastifyInstance): Promise<void> {
  const { default: compress } = await import('@fastify/compress')
  await scope.register(compress, {
    encodings: ['br', 'gzip'],
    threshold: 1_024,
    brotliOptions: { params: PAGE_BROTLI },
  })
}

function keepView({ secure }: SiteOptions): Handler {
  return (visit, _request, reply) => {
    const view = writeView(readView(visit.query.get('set') ?? ''))
    reply.setCookie(VIEW_COOKIE, view, { path: '/', maxAge: 31_536_000, sameSite: 'lax', httpOnly: true, secure })
    return { redirect: visit.query.get('back') ?? '/' }
  }
}
