import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadClock } from '#schemas/clock.ts'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import type { Actions } from '#web/serving/actions.ts'
import { environment } from '#web/serving/config.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { lockDataFolder } from '#web/serving/data-folder.ts'
import { createLog, type Logger } from '#web/serving/log.ts'
import { readPassphrase } from '#web/serving/passphrase.ts'
import { createTransfers } from '#web/serving/transfers.ts'
import { createBroadcast } from './actions/broadcast.ts'
import { queueAdmissions } from './actions/decide-admission.ts'
import { contentActions } from './actions/edit-contents.ts'
import { createMaintenance } from './actions/maintain.ts'
import type { FetchCrl } from './actions/poll-external-crls.ts'
import { registryAudience } from './actions/registry-audience.ts'
import { currentTls } from './actions/renew-tls.ts'
import { showingOffice } from './actions/show-office.ts'
import { openListeners } from './app.ts'
import { decidingActions } from './commands.ts'
import { authorityActions } from './commands-authority.ts'
import { type ListenerName, readHubConfig } from './config.ts'
import { createOperatorConsole } from './console/console.ts'
import { BUILDING } from './init.ts'
import { depsOf, type Hooks, openOffice, runAll } from './open-office.ts'
import { registerExchange } from './register-exchange.ts'
import { openKeyring } from './store/keyring.ts'
import { MIGRATIONS } from './store/migrations.ts'

/** A hub that serves. `fingerprint`: of the newest root. */
export interface RunningHub {
  readonly listeners: Readonly<Record<ListenerName, string>>
  readonly fingerprint: string
  close(): Promise<void>
}

export interface StartHubOptions {
  readonly dataDir: string
  readonly readClock?: ReadClock
  readonly log?: Logger
  /** How CRLs of external CAs are fetched. */
  readonly fetchCrl?: FetchCrl
  /** Closes the hub when it aborts. */
  readonly signal?: AbortSignal
}

const TICK_MILLISECONDS = 5_000

/**
 * Starts the hub of a folder. Makes no trust material: what is missing is refused (NOT_INITIALISED, KEY_UNREADABLE,
 * KEY_PERMISSIONS, CONFIG_INVALID, ALREADY_RUNNING, DATABASE_…); its own TLS certificate is renewed before it listens.
 */
export async function startHub({
  dataDir,
  readClock = Date.now,
  log: given,
  fetchCrl = fetchOverHttp,
  signal,
}: StartHubOptions): Promise<RunningHub> {
  await using opened = new AsyncDisposableStack()
  const lock = lockDataFolder(dataDir)
  opened.defer(() => lock.release())
  const config = readHubConfig(lock.dir)
  const log =
    given ??
    createLog({
      level: config.logLevel,
      name: 'hub',
      ...(config.logFile === undefined ? {} : { file: config.logFile }),
    })
  rmSync(join(lock.dir, BUILDING), { recursive: true, force: true })
  const passphrase = readPassphrase(lock.dir, { file: config.passphraseFile, env: environment() })
  const keyring = openKeyring(join(lock.dir, 'keys'), passphrase)
  const db = openDatabase(join(lock.dir, 'hub.db'), MIGRATIONS, { create: false })
  opened.defer(() => void db.close())

  const after: Hooks = []
  const commit = createGroupCommit(db, { committed: () => runAll(after, log) })
  opened.defer(() => commit(() => undefined))
  const { office, publisher } = await openOffice({ dir: lock.dir, config, log, db, commit, keyring, readClock })
  const transfers = createTransfers(join(lock.dir, 'blobs', 'incoming'))
  const exchange = registerExchange(depsOf(office, transfers))
  opened.defer(() => exchange.close())
  const broadcast = createBroadcast({
    journal: office.journal,
    audienceOf: (row) => exchange.audienceOf(row) ?? registryAudience(office, row),
    versionOf: (kind) =>
      ({ root: () => office.roots.all().at(-1), directory: office.directories.newest, status: office.places.newest })[
        kind
      ]()?.version ?? 0,
  })
  // Nothing is announced, and nothing signed anew, before it is on disk.
  office.onTrust.push(broadcast.check)
  after.push(
    broadcast.pump,
    () =>
      void publisher
        .published()
        .catch((error: unknown) => log.error({ err: error }, 'directory and status list are not signed')),
  )

  const queues = [queueAdmissions(office), exchange.queue]
  const console = { ...createOperatorConsole(office, queues, transfers), transfers, actions: (): Actions => actions }
  const listeners = await openListeners({ office, publisher, broadcast, exchange, console }, await currentTls(office))
  opened.defer(() => listeners.close())
  const renewTls = async () => listeners.refresh(await currentTls(office))
  office.onRoot.push(
    () => void renewTls().catch((error: unknown) => log.error({ err: error }, 'listeners keep their old CAs')),
  )
  const actions: Actions = {
    ...decidingActions(office, { queues, standings: [exchange.standing] }),
    ...authorityActions(office, { transfers, listeners: () => listeners.urls, link: listeners.link }),
    ...exchange.actions,
    ...showingOffice(office),
    ...contentActions(office),
  }
  const control = await serveControl({ dataDir: lock.dir, actions, transfers, log })
  opened.defer(() => control.close())
  const maintenance = createMaintenance(office, { publisher, renewTls, fetchCrl })
  const stop = repeat(async () => {
    await maintenance.tick()
    await exchange.tick()
  }, log)
  opened.defer(stop)

  const running = opened.move()
  let closing: Promise<void> | undefined
  const close = () => (closing ??= running.disposeAsync())
  signal?.addEventListener('abort', () => void close(), { once: true })
  log.info({ listeners: listeners.urls, net: office.trust.net }, 'the hub serves')
  return { listeners: listeners.urls, fingerprint: office.trust.roots().at(-1)?.fingerprint ?? '', close }
}

/** One run after the other, every few seconds; a failure is logged and tried again. Returns how to stop, which waits for the run under way. */
function repeat(work: () => Promise<void>, log: Logger): () => Promise<void> {
  let running: Promise<void> | undefined
  const run = () => {
    running ??= work()
      .catch((error: unknown) => log.error({ err: error }, 'periodic work failed'))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(run, TICK_MILLISECONDS)
  run()
  return async () => {
    clearInterval(timer)
    await running
  }
}

const CRL_BYTES = 8 * 1_048_576
const CRL_MILLISECONDS = 10_000

/** No redirects: the address stands in a signed certificate, and goes nowhere else. */
async function fetchOverHttp(url: string): Promise<Uint8Array> {
  const { request } = await import('undici')
  const { statusCode, body } = await request(url, { headersTimeout: CRL_MILLISECONDS, bodyTimeout: CRL_MILLISECONDS })
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > CRL_BYTES) throw new Error('the list is too large')
    pieces.push(piece)
  }
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
  return Buffer.concat(pieces)
}
