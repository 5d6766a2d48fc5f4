import type { Clock } from '#schemas/clock.ts'
import { parseDocument, type Signer } from '#schemas/document.ts'
import type { Kind } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { closed, FILE_PATH, HEX, REASON } from '#schemas/shapes.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import type { Logger } from '#web/serving/log.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import { createCosign } from './actions/cosign-entry.ts'
import { createDelivery, type Delivery, type Renewed, type Settle } from './actions/deliver-documents.ts'
import { createFollowJoint } from './actions/follow-joint.ts'
import { listDatasets } from './actions/list-datasets.ts'
import type { Membership } from './actions/own-membership.ts'
import { createPublish } from './actions/publish-version.ts'
import { SEARCH, searchHub } from './actions/search-hub.ts'
import { createFollowRenewed, createSettlePublication, PUBLISHED_KINDS } from './actions/settle-publications.ts'
import { createSponsor } from './actions/sponsor-affiliate.ts'
import { createTurns } from './actions/take-turns.ts'
import { createWithdraw } from './actions/withdraw-dataset.ts'
import type { HubRequests } from './exchange-deps.ts'
import { createCatalogRoute } from './routes/catalog.ts'
import type { Blobs } from './store/blobs.ts'
import { createDatasets, ownDatasets } from './store/datasets.ts'
import { createOutbox } from './store/outbox.ts'
import { createPapers } from './store/papers.ts'
import { createSponsorships } from './store/sponsorships.ts'
import { READING } from './tables/reading.ts'

/** Everything publishing is given by `main`. */
export interface PublishingDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly trust: Trust
  readonly keys: Pick<AgreementKeys, 'member'>
  readonly learnLine: (member: string) => Promise<void>
  readonly signer: () => Signer
  readonly hub: HubRequests
  readonly blobs: Blobs
  readonly transfers: Pick<Transfers, 'pathOf' | 'discard'>
  /** Who we are, from the newest directory. */
  readonly membership: () => Membership
  /** As in the exchange's deps. */
  readonly pinPaper: (text: string) => void
  /** Address of this node for others, without a final slash. */
  readonly baseUrl: () => string
  /** What we offer has changed: running transfers ask their right anew. */
  readonly changed: () => void
}

/** Publishing and the way of documents to the hub, put together once. */
export type Publishing = ReturnType<typeof createPublishing>

const JOINT_SECONDS = 60
const FIRST_WAIT_SECONDS = 2
const MOST_WAIT_SECONDS = 300
const TEXT = { type: 'string', minLength: 1, maxLength: 100 } as const
const UPLOADED = closed({ name: FILE_PATH, upload: TEXT, reading: READING }, ['name', 'upload'])
const PUBLISH = closed(
  { meta: { type: 'object' }, schema: { type: 'object' }, files: { type: 'array', items: UPLOADED, maxItems: 200 } },
  ['meta', 'files'],
)

/** Nothing is sent before the first `tick` or `outbox.wake`. */
export function createPublishing(deps: PublishingDeps) {
  const datasets = createDatasets(deps.db)
  const sponsorships = createSponsorships(deps.db)
  const papers = createPapers(deps.db)
  const courier = createCourier(deps, createFollowRenewed({ ...deps, datasets, sponsorships, papers }))
  const known = {
    ...deps,
    datasets,
    sponsorships,
    papers,
    delivery: courier.delivery,
    inTurn: createTurns(),
  }
  courier.settleWith(PUBLISHED_KINDS, createSettlePublication(known))
  const followJoint = createFollowJoint(known)
  let jointDue = 0

  async function tickJoint(): Promise<void> {
    if (deps.clock.now() < jointDue) return
    jointDue = deps.clock.now() + JOINT_SECONDS
    try {
      const changed = await followJoint()
      if (changed.length > 0) deps.changed()
    } catch (error) {
      if (!isRefusal(error, 'HUB_UNREACHABLE')) deps.log.warn({ err: error }, 'JOINT datasets could not be followed')
    }
  }

  return {
    actions: createPublishingActions(known),
    /** For the exchange: what is published here. */
    datasets: ownDatasets(datasets),
    outbox: courier,
    catalogRoute: createCatalogRoute(known),
    /** To be called every few seconds: sends what is due, asks about JOINT datasets once a minute. Never throws. */
    async tick(): Promise<void> {
      await courier.flushDue()
      await tickJoint()
    },
    /** The hub is back, or has told of a change of the catalog: everything is due at once. */
    async catchUp(): Promise<void> {
      jointDue = 0
      await courier.flush()
      await tickJoint()
    },
  }
}

type Known = PublishingDeps & Parameters<typeof createSponsor>[0] & Parameters<typeof createWithdraw>[0]

function createPublishingActions(known: Known): Actions {
  const publish = createPublish(known)
  const cosign = createCosign(known)
  const withdraw = createWithdraw(known)
  const { sponsor, unsponsor } = createSponsor(known)
  const tell = async <T>(job: Promise<T>): Promise<T> => job.finally(known.changed)

  return {
    publish: action(PUBLISH, (args, context) => tell(publish(args, context))),
    cosign: action(closed({ dataset: TEXT, entry: HEX }, ['dataset']), ({ dataset, entry }) => cosign(dataset, entry)),
    withdraw: action(closed({ dataset: TEXT, reason: REASON }, ['dataset', 'reason']), ({ dataset, reason }) =>
      tell(withdraw(dataset, reason)),
    ),
    datasets: action(closed({}, []), () => listDatasets(known.datasets, known.clock.now())),
    search: action(SEARCH, (query) => searchHub(known.hub, query)),
    sponsor: action(closed({ member: TEXT, until: TEXT }, ['member']), ({ member, until }) => sponsor(member, until)),
    unsponsor: action(closed({ member: TEXT, reason: REASON }, ['member']), ({ member, reason }) =>
      unsponsor(member, reason),
    ),
  }
}

/** The outbox with who records which answer, and how long to wait for a hub that is away. */
function createCourier({ db, hub, commit, log, clock, signer }: PublishingDeps, renewed: Renewed) {
  const outbox = createOutbox(db)
  const settlers = new Map<Kind, Settle>()
  const settle: Settle = (parcel, outcome) => {
    const known = settlers.get(parcel.kind)
    if (known === undefined) throw new Error(`nobody records answers to ${parcel.kind}`)
    known(parcel, outcome)
  }
  const delivery: Delivery = createDelivery({
    outbox,
    hub,
    commit,
    log,
    settle,
    renewed,
    signer,
    now: clock.now,
  })
  let [wait, due] = [FIRST_WAIT_SECONDS, 0]
  let running: Promise<void> | undefined

  async function sendAll(): Promise<void> {
    await delivery.flush()
    wait = outbox.count() === 0 ? FIRST_WAIT_SECONDS : Math.min(wait * 2, MOST_WAIT_SECONDS)
    due = clock.now() + wait
  }

  /** After the round under way: it may have passed the lane of what was stored meanwhile. */
  function flush(): Promise<void> {
    const turn = (running ?? Promise.resolve()).then(sendAll).finally(() => {
      if (running === turn) running = undefined
    })
    running = turn
    return turn
  }

  return {
    delivery,
    /** Who records the answers to documents of these kinds; before the first document of the kind is sent. */
    settleWith(kinds: readonly Kind[], settler: Settle): void {
      for (const kind of kinds) settlers.set(kind, settler)
    },
    /** Stores a document with `job` in one transaction, sends it and resolves with the hub's answer (see `createDelivery`). */
    post: delivery.post,
    /** Inside the caller's transaction; sent by the next `wake` or `tick`. */
    enqueue: (lane: string, path: string, field: string, kind: Kind, text: string): number =>
      outbox.add({ lane, path, field, kind, document: parseDocument(kind, text).id, text }),
    /** Sends everything that waits; never throws. */
    flush,
    /** Begins to send now, without waiting for it. */
    wake: (): void => void flush().catch((error: unknown) => log.error({ err: error }, 'the outbox could not be sent')),
    /** The same when its time has come: after each failure twice as long, at most five minutes. */
    async flushDue(): Promise<void> {
      if (running === undefined && clock.now() >= due && outbox.count() > 0) await flush()
    },
    /** Documents that still wait; for `status` and `doctor`. */
    count: outbox.count,
  }
}
