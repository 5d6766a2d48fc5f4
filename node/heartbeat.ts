import { LIMITS } from '#schemas/limits.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { checkDatabase } from '#schemas/storage/open-database.ts'
import { followEvents, type HubEvent } from './actions/follow-events.ts'
import type { Renewal } from './actions/renew-pair.ts'
import { REFUSES_US } from './actions/report-status.ts'
import type { TrustSync } from './actions/sync-trust.ts'
import type { NodeDeps } from './deps.ts'

interface Parts {
  readonly sync: TrustSync
  readonly renewal: Pick<Renewal, 'renewDue'>
  readonly agreeing: { refreshAgreements(): Promise<void>; tick(): Promise<void> }
  readonly publishing: { tick(): Promise<void>; catchUp(): Promise<void> }
  readonly heard: (event: HubEvent) => void
}

const TICK_MILLISECONDS = 2_000
/** How long a start waits for the hub before it serves by what it has. */
const FIRST_SYNC_MILLISECONDS = 4_000
const DAY_SECONDS = 86_400
const DIRECTORY_KEPT_SECONDS = 35 * DAY_SECONDS
const CERTIFICATE_KEPT_SECONDS = 90 * DAY_SECONDS

const REFUSED = {
  zh: '共享中心拒绝本节点：成员资格或证书已被暂停或吊销；请联系共享中心',
  en: 'The hub refuses this node: its membership or certificates are suspended or revoked. Contact the hub',
} as const

/** What a node does by itself: follow the hub, renew, send, clean up. Each chore stands alone and is tried again. */
export function createHeartbeat(deps: NodeDeps, { sync, renewal, agreeing, publishing, heard }: Parts) {
  const { log, trust } = deps
  const stopping = new AbortController()
  const { run, settled } = createChores(log, stopping.signal)
  const syncTrust = () => syncOrRaise(deps, sync)
  let streaming = false
  let [polled, checkedRenewal] = [0, 0]
  let timer: NodeJS.Timeout | undefined

  /** Trust first: what comes after is verified by it. */
  async function syncAll(): Promise<void> {
    await run('sync', syncTrust)
    await run('agreements', agreeing.refreshAgreements)
  }

  async function catchUp(): Promise<void> {
    await syncAll()
    await run('publishing', publishing.catchUp)
    await run('agreeing', agreeing.tick)
  }

  /** A node that was off for weeks renews first: without a certificate the member listener does not answer. */
  async function first(): Promise<void> {
    await run('renewal', renewal.renewDue)
    await syncAll()
    // A newer root may have dropped the CA above our certificate.
    await run('renewal', renewal.renewDue)
    if (trust.directory() === undefined) await syncAll()
  }

  function tick(): void {
    const now = performance.now() / 1000
    if (now - checkedRenewal >= LIMITS.statusTtlSeconds) {
      checkedRenewal = now
      void run('renewal', renewal.renewDue)
      void run('upkeep', () => upkeep(deps))
    }
    // Two polls within a list's life, so that one that is lost does no harm.
    if (now - polled >= LIMITS.statusTtlSeconds / 2) {
      polled = now
      void (streaming ? run('sync', syncTrust) : syncAll())
      void run('alarms', () => watchAge(deps))
    }
    void run('publishing', publishing.tick)
    void run('agreeing', agreeing.tick)
  }

  return {
    streaming: () => streaming,
    syncSoon: (): void => void run('sync', syncTrust),
    /** Returns when the hub has been asked once, or does not answer soon. */
    async start(): Promise<void> {
      polled = performance.now() / 1000
      const asked = first()
      await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, FIRST_SYNC_MILLISECONDS).unref())])
      void run('events', () =>
        followEvents(
          {
            hub: deps.hub,
            log,
            connected: () => {
              streaming = true
              void catchUp()
            },
            heard,
            ended: () => {
              streaming = false
            },
          },
          stopping.signal,
        ),
      )
      timer = setInterval(tick, TICK_MILLISECONDS)
    },
    async stop(): Promise<void> {
      clearInterval(timer)
      stopping.abort()
      // Connections are cut, so that nothing under way waits for a hub that is slow.
      await deps.hub.close()
      await settled()
      await deps.commit(() => {})
    },
  }
}

/** Work that nobody waits for. */
function createChores(log: NodeDeps['log'], stopping: AbortSignal) {
  const running = new Set<Promise<void>>()
  return {
    /** Never rejects: what fails is told and comes again. */
    run(name: string, chore: () => Promise<unknown>): Promise<void> {
      const done = chore().then(
        () => {},
        (error: unknown) => {
          if (stopping.aborted) return
          if (isRefusal(error)) log.info({ chore: name, refused: error.code }, 'a chore will be tried again')
          else log.error({ chore: name, err: error }, 'a chore failed')
        },
      )
      running.add(done)
      void done.then(() => running.delete(done))
      return done
    },
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** A suspended node gets no newer list that would say so: the hub's refusal is the only word it hears. */
async function syncOrRaise({ bell, member, commit, stores: { facts } }: NodeDeps, sync: TrustSync): Promise<void> {
  try {
    await sync.syncTrust()
  } catch (error) {
    if (isRefusal(error) && error.code in REFUSES_US) {
      await commit(() => facts.set('refused', error.code))
      await bell.raise('HUB_REFUSES', member, REFUSED)
    }
    throw error
  }
  if (facts.find('refused') !== undefined) await commit(() => facts.drop('refused'))
  await bell.end('HUB_REFUSES', member)
}

/** Contract, Limits: alarm when the status list is an hour old. */
async function watchAge({ trust, clock, bell }: NodeDeps): Promise<void> {
  const iat = trust.status()?.payload.iat ?? 0
  if (clock.now() - iat < LIMITS.statusAlarmSeconds) return bell.end('STATUS_OLD', trust.net)
  await bell.raise('STATUS_OLD', trust.net, {
    zh: '状态列表已超过一小时没有更新；24 小时后停止调取，请检查与共享中心的连接',
    en: 'The status list is more than an hour old; pulls stop after 24 h. Check the connection to the hub',
  })
}

/** Once a day: a whole look at the database, and what nothing refers to any more goes. */
async function upkeep({ clock, stores, db, commit }: NodeDeps): Promise<void> {
  const now = clock.now()
  if (now - stores.facts.findNumber('checked') < DAY_SECONDS) return
  checkDatabase(db)
  await commit(() => {
    stores.texts.prune(now - DIRECTORY_KEPT_SECONDS)
    stores.certificates.prune(now - CERTIFICATE_KEPT_SECONDS)
    stores.facts.set('checked', now)
  })
}
