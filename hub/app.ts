import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { serverTlsOptions, type TlsIdentity } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import { linkCommand } from '#web/console/entrance.ts'
import { type ConsoleOptions, type OpenConsole, openConsole } from '#web/console/open-console.ts'
import { createServer } from '#web/serving/create-server.ts'
import { requireCaller } from '#web/serving/require-caller.ts'
import { urlOf as urlOfApp } from '#web/serving/url-of.ts'
import { type WellKnown, wellKnown } from '#web/serving/well-known.ts'
import type { Broadcast } from './actions/broadcast.ts'
import { issuingCa } from './actions/online-keys.ts'
import type { Publisher } from './actions/publish-trust.ts'
import type { Office } from './actions/sign-statement.ts'
import { type HubConfig, type ListenerName, urlOf } from './config.ts'
import { operatorOf, operatorsAsPeople } from './console-door.ts'
import type { ExchangePart } from './deps.ts'
import { isLoopbackHost } from './networks.ts'
import { routeCertificates } from './routes/certificates.ts'
import { routeDirectory } from './routes/directory.ts'
import { routeEnrolments } from './routes/enrolments.ts'
import { routeEvents } from './routes/events.ts'
import { limitMembers } from './routes/member-budget.ts'
import { routeReminders } from './routes/reminders.ts'
import { routeCrls, routeRoot } from './routes/root.ts'
import { routeStatus } from './routes/status.ts'

/** All that the listeners answer out of. */
export interface AppDeps {
  readonly office: Office
  readonly publisher: Publisher
  readonly broadcast: Broadcast
  readonly exchange: ExchangePart
  readonly console: Pick<ConsoleOptions, 'actions' | 'transfers' | 'frame' | 'nameRole' | 'pages'>
}

/** The four open listeners. */
export interface Listeners {
  readonly urls: Readonly<Record<ListenerName, string>>
  /** The address of a new one-time link to the console. */
  link(as: string | undefined): string
  /** Takes a renewed certificate, newer CAs and renewed public certificate files, without losing a connection. */
  refresh(identity: TlsIdentity): void
  close(): Promise<void>
}

/** Opens all listeners of `config.toml`; on a failure none stays open. */
export async function openListeners(deps: AppDeps, identity: TlsIdentity): Promise<Listeners> {
  const { config } = deps.office
  const member = memberApp(deps, identity)
  const enrolment = enrolmentApp(deps, identity)
  const publicly = publicApp(deps)
  const apps: FastifyInstance[] = [member, enrolment, publicly]
  try {
    await deps.exchange.member(member)
    await deps.exchange.public(publicly)
    const listen = (app: FastifyInstance, name: ListenerName) =>
      app.listen({ host: config.host, port: config.ports[name] })
    await listen(member, 'member')
    await listen(enrolment, 'enrolment')
    await listen(publicly, 'public')
    const console = await openOperatorConsole(deps, identity)
    apps.push(console.app)
    const at = (app: FastifyInstance, scheme: 'http' | 'https') => urlOfApp(app, scheme, config.address)
    const urls = {
      member: at(member, 'https'),
      enrolment: at(enrolment, 'https'),
      public: at(publicly, config.publicTls === undefined ? 'http' : 'https'),
      console: console.url,
    }
    return {
      urls,
      link: console.link,
      refresh(renewed) {
        setContext(member, memberTls(deps.office, renewed))
        setContext(enrolment, serverTlsOptions({ ...renewed, clientCas: 'none' }))
        if (config.console === 'certificate') setContext(console.app, memberTls(deps.office, renewed))
        if (config.publicTls !== undefined) setContext(publicly, publicTls(config.publicTls))
      },
      close: async () => void (await Promise.all(apps.map((app) => app.close()))),
    }
  } catch (error) {
    await Promise.all(apps.map((app) => app.close()))
    throw error
  }
}

function memberApp({ office, publisher, broadcast }: AppDeps, identity: TlsIdentity): FastifyInstance {
  const app = createServer({ tls: memberTls(office, identity), log: office.log })
  app.addHook('onRequest', requireCaller({ trust: office.trust }))
  app.addHook(
    'onRequest',
    limitMembers(() => performance.now()),
  )
  describe(app, office)
  routeRoot(app, office)
  routeDirectory(app, office)
  routeStatus(app, { trust: office.trust, publisher })
  routeReminders(app, office)
  routeCertificates(app, office)
  routeEvents(app, { trust: office.trust, broadcast })
  return app
}

function enrolmentApp({ office }: AppDeps, identity: TlsIdentity): FastifyInstance {
  const app = createServer({ tls: serverTlsOptions({ ...identity, clientCas: 'none' }), log: office.log })
  describe(app, office)
  routeRoot(app, office)
  routeEnrolments(app, office)
  return app
}

function publicApp({ office, publisher }: AppDeps): FastifyInstance {
  const { publicTls: files } = office.config
  const app = createServer({ log: office.log, ...(files === undefined ? {} : { tls: publicTls(files) }) })
  describe(app, office)
  routeRoot(app, office)
  routeDirectory(app, office)
  routeStatus(app, { trust: office.trust, publisher })
  routeCrls(app, {
    crls: office.crls,
    inUse: () => sha256(issuingCa(office).issuer.certificate.publicKey.der),
    root: () => sha256(parseCertificate(fromBase64url(office.trust.root().certificate)).publicKey.der),
  })
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }))
  return app
}

/** Loopback with a one-time link, or anywhere with operators' certificates. */
function openOperatorConsole({ office, console }: AppDeps, identity: TlsIdentity): Promise<OpenConsole> {
  const { config, log, clock } = office
  const common = {
    ...console,
    log,
    now: () => clock.now(),
    people: operatorsAsPeople(office),
    command: linkCommand('hub', office.dataDir),
    port: config.ports.console,
    describe: () => wellKnownOf(office),
    health: () => ({ alarms: office.alarms.standing().length, journal: office.journal.newest() }),
  }
  if (config.console === 'link')
    return openConsole({ ...common, host: isLoopbackHost(config.host) ? config.host : '127.0.0.1' })
  return openConsole({
    ...common,
    host: config.host,
    address: config.address,
    tls: memberTls(office, identity),
    certificateHolder: (request) => operatorOf(office, request),
  })
}

function memberTls({ trust }: Office, identity: TlsIdentity): ReturnType<typeof serverTlsOptions> {
  const clientCas = trust.root().cas.flatMap(({ certificates }) => certificates.map((text) => fromBase64url(text)))
  return serverTlsOptions({ ...identity, clientCas })
}

/** The operator's own certificate, for browsers: 1.2 too, and no client certificate. */
function publicTls({ certificate, key }: NonNullable<HubConfig['publicTls']>): ReturnType<typeof serverTlsOptions> {
  const files = { cert: readSetting('public_tls_certificate', certificate), key: readSetting('public_tls_key', key) }
  return { ...files, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as unknown as ReturnType<
    typeof serverTlsOptions
  >
}

function readSetting(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Refusal('CONFIG_INVALID', {
      key,
      path,
      detail: { zh: `${key}：无法读取 ${path}（${reason}）`, en: `${key}: cannot read ${path} (${reason})` },
    })
  }
}

/** Whole options each time: what is left out of this call falls back to Node's defaults, session tickets included. */
function setContext(app: FastifyInstance, options: ReturnType<typeof serverTlsOptions>): void {
  ;(app.server as unknown as { setSecureContext(options: object): void }).setSecureContext(options)
}

function describe(app: FastifyInstance, office: Office): void {
  app.register(wellKnown(() => wellKnownOf(office)))
}

function wellKnownOf({ config, trust }: Office): WellKnown {
  const at = (name: ListenerName) => urlOf('https', config.address, config.ports[name])
  return {
    role: 'hub',
    versions: ['v1'],
    endpoints: { member: at('member'), enrolment: at('enrolment'), public: config.publicUrl },
    identity: { net: trust.net, name: config.name, fingerprint: trust.roots().at(-1)?.fingerprint ?? null },
  }
}
