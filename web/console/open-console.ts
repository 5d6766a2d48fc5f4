import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { servePages } from '../pages/serve-pages.ts'
import type { ServerOptions } from '../serving/create-server.ts'
import { createServer } from '../serving/create-server.ts'
import { portOf, urlOf } from '../serving/url-of.ts'
import { type WellKnown, wellKnown } from '../serving/well-known.ts'
import type { ConsolePages } from './console-visit.ts'
import { createDoor, type DoorOptions } from './door.ts'
import { limitBody } from './limit-body.ts'
import { registerPages } from './register-pages.ts'

export interface ConsoleOptions extends DoorOptions {
  readonly host: string
  /** Under which name browsers reach it; default: `host`. */
  readonly address?: string
  /** 0: any free port. */
  readonly port: number
  /** Off loopback a console needs mutual TLS, and `certificateHolder` with it. */
  readonly tls?: ServerOptions['tls']
  readonly describe: () => WellKnown
  /** What `/healthz` reports beyond `ok`. */
  readonly health: () => Promise<Record<string, unknown>> | Record<string, unknown>
  readonly pages: (pages: ConsolePages) => void
}

/** A console that listens. */
export interface OpenConsole {
  readonly app: FastifyInstance
  readonly url: string
  /** The address of a new one-time link, for a person already named or for whoever says so on entering. With certificates: the bare address. */
  link(as: string | undefined): string
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** The console's listener: on loopback plain HTTP under a loopback name (DNS rebinding), elsewhere mutual TLS. CONFIG_INVALID. */
export async function openConsole(options: ConsoleOptions): Promise<OpenConsole> {
  const { host, port, tls, log, describe, health, certificateHolder } = options
  if (!(LOOPBACK.has(host) || (tls !== undefined && certificateHolder !== undefined)))
    throw new Refusal('CONFIG_INVALID', { field: 'console.host', rule: 'loopback, or console = "certificate"' })
  // Uploads take as long as they take: `limitBody` stands in for the limit of whole requests.
  const app = createServer({ log, requestTimeout: 0, ...(tls === undefined ? {} : { tls }) })
  const door = createDoor(options, { secure: tls !== undefined, port: () => portOf(app) })
  // An authority that is listed vouches for many, and few of them are let in here. What makes a refusal readable is no secret.
  const admit = (request: FastifyRequest) => {
    const isOpen = tls !== undefined && request.url.startsWith('/assets/')
    if (tls === undefined) requireLoopbackName(request.headers.host)
    else if (!isOpen) certificateHolder?.(request)
    limitBody(request, !isOpen && door.hasEntered(request))
  }
  const site = { frame: door.frame, cacheControl: 'no-store', secure: tls !== undefined, compress: false, admit }
  await servePages(app, site, async (pages) => {
    await pages.scope.register(multipart)
    registerPages(pages, door, options)
  })
  await app.register(wellKnown(describe))
  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return { ok: true, ...(await health()) }
  })
  app.addHook('preClose', async () => door.jobs.stop())
  await app.listen({ host, port })
  const url = urlOf(app, tls === undefined ? 'http' : 'https', options.address ?? host)
  return { app, url, link: (as) => (tls === undefined ? `${url}/enter?key=${door.links.make(as)}` : `${url}/`) }
}

/** A page of a stranger's site can make a browser connect here, but not under a loopback name. */
function requireLoopbackName(given: string | undefined): void {
  const host = /^(?:\[([0-9a-f:]+)\]|([^:]+))(?::\d+)?$/i.exec(given ?? '')
  if (!LOOPBACK.has((host?.[1] ?? host?.[2] ?? '').toLowerCase())) throw new Refusal('HOST_REFUSED')
}
