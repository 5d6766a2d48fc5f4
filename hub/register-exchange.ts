import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { endOverdue } from './actions/end-overdue.ts'
import { feedIndex } from './actions/feed-index.ts'
import { findAudience } from './actions/find-audience.ts'
import { queueAgreements, standAgreements } from './actions/queue-agreements.ts'
import { exchangeActions } from './actions/show-catalog.ts'
import { showingExchange } from './actions/show-exchange.ts'
import type { ExchangePart, HubDeps } from './deps.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { openIndex, type SearchIndex } from './index/search-index.ts'
import { servePortal } from './portal/portal.ts'
import { routeAgreements } from './routes/agreements.ts'
import { routeCatalogEntries } from './routes/catalog-entries.ts'
import { routeGrants } from './routes/grants.ts'
import { routePublic } from './routes/public.ts'
import { routeReceipts } from './routes/receipts.ts'
import { routeRequests } from './routes/requests.ts'

/** Catalog, agreements, grants and receipts, with their index, as one part of the hub. */
export function registerExchange(deps: HubDeps): ExchangePart {
  const index = openFollowing(join(deps.dataDir, 'index.db'), deps)
  const feed = followJournal(deps, () => feedIndex(x, index))
  const x: Exchange = createExchange({
    ...deps,
    async commit(job) {
      const value = await deps.commit(job)
      feed.soon()
      return value
    },
  })
  feed.now()
  return {
    queue: queueAgreements(x),
    standing: standAgreements(x),
    actions: { ...exchangeActions(x), ...showingExchange(x) },
    member(app) {
      routeCatalogEntries(app, x, index)
      routeRequests(app, x)
      routeAgreements(app, x)
      routeGrants(app, x)
      routeReceipts(app, x)
    },
    async public(app) {
      routePublic(app, x, index)
      await servePortal(app, { x, index, contents: deps.contents })
    },
    audienceOf: (row) => findAudience(x, row),
    async tick() {
      feed.now()
      await endOverdue(x)
    },
    close() {
      feed.stop()
      index.close()
    },
  }
}

/** The index; an empty one where it has read further than the journal goes, as after a restored backup. */
function openFollowing(path: string, { journal }: Pick<HubDeps, 'journal'>): SearchIndex {
  const index = openIndex(path)
  if (index.position() <= journal.newest()) return index
  index.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
  return openIndex(path)
}

/** Runs `feed` after changes, several of one tick at once. It may fail (a full disk): the journal waits for the next try. */
function followJournal({ log }: Pick<HubDeps, 'log'>, feed: () => void) {
  let pending: NodeJS.Immediate | undefined
  const now = () => {
    pending = undefined
    try {
      feed()
    } catch (error) {
      log.error({ err: error }, 'the search index does not follow')
    }
  }
  return {
    now,
    soon(): void {
      pending ??= setImmediate(now)
    },
    stop(): void {
      clearImmediate(pending)
      pending = undefined
    },
  }
}
