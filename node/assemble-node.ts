import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { isRefusal } from '#schemas/refusal.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import { checkHealth } from './actions/check-health.ts'
import { fetchRoots } from './actions/fetch-roots.ts'
import type { HubEvent } from './actions/follow-events.ts'
import { createTrustKeeper } from './actions/keep-trust.ts'
import { listAlarms } from './actions/list-alarms.ts'
import { makeBackup } from './actions/make-backup.ts'
import { createRenewal, type Renewal } from './actions/renew-pair.ts'
import { reportStatus } from './actions/report-status.ts'
import { createTrustSync, type TrustSync } from './actions/sync-trust.ts'
import { createCertificateWatch } from './actions/watch-own-certificates.ts'
import { type Agreeing, createAgreeing } from './agreeing.ts'
import type { NodeDeps } from './deps.ts'
import { createExchange } from './exchange.ts'
import { createHeartbeat } from './heartbeat.ts'
import { createPublishing, type Publishing } from './publishing.ts'

interface Outside {
  readonly listeners: () => Readonly<Record<string, string>>
  /** Our certificates, or the authorities we listen to, are others from now on. */
  readonly identityChanged: () => void
}

const NOTHING = { type: 'object', additionalProperties: false } as const

/** A node's parts, put together once: trust, publishing, agreements, exchange, and what keeps them going. Nothing runs before `start`. */
export function assembleNode(deps: NodeDeps, { listeners, identityChanged }: Outside) {
  const { log, trust, member, stores, hub, identity, bell } = deps
  const watch = createCertificateWatch({ member, trust, pairs: stores.pairs, identity, bell })
  const keeper = createTrustKeeper({ ...deps, ...stores, raiseAlarm: bell.raise })
  const sync = createTrustSync({
    trust,
    texts: stores.texts,
    keeper,
    hub,
    log,
    fetchRoots: () => fetchRoots(stores.facts.get('enrolment')),
    changed: () => inBackground(trustChanged()),
  })
  const publishing = createPublishing({
    ...deps,
    baseUrl: () => deps.config.endpoint ?? listeners()['exchange'] ?? '',
    changed: () => rightsChanged(),
  })
  const agreeing = createAgreeing({
    ...deps,
    outbox: publishing.outbox,
    refreshTrust: sync.refreshTrust,
    changed: () => rightsChanged(),
  })
  const exchange = createExchange({
    ...deps,
    agreements: agreeing.agreements,
    datasets: publishing.datasets,
    refreshTrust: sync.refreshTrust,
    refreshAgreements: agreeing.refreshAgreements,
    offerFile: deps.transfers.offer,
  })
  const renewal = createRenewal({
    ...deps,
    endpoint: deps.config.endpoint,
    keys: join(deps.dataDir, 'keys'),
    pairs: stores.pairs,
    renewed,
  })

  let rootVersion = trust.root().version

  async function trustChanged(): Promise<void> {
    await watch.check()
    if (trust.root().version !== rootVersion) identityChanged()
    rootVersion = trust.root().version
    rightsChanged()
  }

  async function renewed(): Promise<void> {
    identityChanged()
    rightsChanged()
  }

  /** Nobody waits for it: a refusal or a hub that is away is seen in the log, and the heartbeat tries again. */
  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => log.warn({ err: error }, 'work that an event began did not end well'))
  }

  function rightsChanged(): void {
    inBackground(exchange.changed())
  }

  function heard(event: HubEvent): void {
    if (event.kind === 'catalog') inBackground(publishing.catchUp())
    else if (event.kind === 'document') {
      inBackground(agreeing.heard(event))
      if (event.document === 'catalog-entry' || event.document === 'tombstone') inBackground(publishing.catchUp())
    } else heartbeat.syncSoon()
  }

  const heartbeat = createHeartbeat(deps, { sync, renewal, agreeing, publishing, heard })
  const source = {
    exchange: exchange.status,
    outbox: publishing.outbox.count,
    streaming: heartbeat.streaming,
    listeners,
  }
  const check = async () => ({ checks: await checkHealth(deps, { ...source, requireNoneForeign: watch.requireNone }) })

  const actions: Actions = {
    ...publishing.actions,
    ...agreeing.actions,
    ...exchange.actions,
    ...ownActions(deps, { source, check, renewal, sync, agreeing, publishing }),
  }

  return {
    actions,
    routes: [exchange.routes, publishing.catalogRoute] as readonly ((app: FastifyInstance) => void | Promise<void>)[],
    refreshTrust: sync.refreshTrust,
    requireNoneForeign: watch.requireNone,
    health: () => ({
      member,
      hub: heartbeat.streaming() ? 'connected' : 'away',
      alarms: stores.alarms.standing().length,
    }),
    async start(): Promise<void> {
      await watch.check()
      await heartbeat.start()
      exchange.start()
    },
    async stop(): Promise<void> {
      await heartbeat.stop()
      await exchange.stop()
    },
  }
}

interface OwnParts extends Synced {
  readonly source: Parameters<typeof reportStatus>[1]
  readonly check: () => Promise<object>
  readonly renewal: Pick<Renewal, 'renew'>
}

/** What concerns the node itself. */
function ownActions(deps: NodeDeps, { source, check, renewal, ...synced }: OwnParts): Actions {
  return {
    status: action(NOTHING, () => reportStatus(deps, source)),
    alarms: action(NOTHING, () => listAlarms(deps.stores.alarms)),
    doctor: action(NOTHING, check),
    renew: action(NOTHING, async () => {
      await renewal.renew()
      await learnOfRenewal(synced.sync)
      return check()
    }),
    sync: action(NOTHING, () => syncNow(synced)),
    backup: action(NOTHING, () => makeBackup(deps)),
  }
}

/** Until the directory lists the new pair, the checks would find no membership. */
async function learnOfRenewal({ syncTrust }: TrustSync): Promise<void> {
  try {
    // A round under way may have asked before the hub knew the pair.
    await syncTrust()
    await syncTrust()
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

interface Synced {
  readonly sync: TrustSync
  readonly agreeing: Pick<Agreeing, 'refreshAgreements'>
  readonly publishing: Pick<Publishing, 'catchUp' | 'outbox'>
}

/** What the heartbeat does in its own time, at once. HUB_UNREACHABLE. */
async function syncNow({ sync, agreeing, publishing }: Synced): Promise<{ waiting: number }> {
  await sync.syncTrust()
  await agreeing.refreshAgreements()
  await publishing.catchUp()
  return { waiting: publishing.outbox.count() }
}
