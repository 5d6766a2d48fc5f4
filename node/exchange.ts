import type { FastifyInstance } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import { createAcknowledgePull } from './actions/acknowledge-pull.ts'
import { createClosePull } from './actions/close-pull.ts'
import { createFileReceipts } from './actions/file-receipts.ts'
import { createAgreementFinder } from './actions/find-agreement.ts'
import { createManifestFinder } from './actions/find-manifest.ts'
import { createFinishPulls } from './actions/finish-pulls.ts'
import { createGrantHolder } from './actions/hold-grants.ts'
import { createKeepLines } from './actions/keep-lines.ts'
import { createListPulls } from './actions/list-pulls.ts'
import { listReceipts } from './actions/list-receipts.ts'
import { createOpenPull } from './actions/open-pull.ts'
import { createOpenRight } from './actions/open-right.ts'
import { createOpenSession } from './actions/open-session.ts'
import { createOrderPull } from './actions/order-pull.ts'
import { createProvePull } from './actions/prove-pull.ts'
import { createPullDataset } from './actions/pull-dataset.ts'
import { createReadAgreedLine } from './actions/read-agreed-line.ts'
import { createReceiveAcknowledgement } from './actions/receive-acknowledgement.ts'
import { createReceiveFile } from './actions/receive-file.ts'
import { createReceiveVersion } from './actions/receive-version.ts'
import { createContinuity } from './actions/require-continuity.ts'
import { OWNER_WAITS } from './actions/retry-owner.ts'
import { createRunningTransfers, type RunningTransfer } from './actions/running-transfers.ts'
import { createFileServer } from './actions/serve-file.ts'
import type { ExchangeDeps } from './exchange-deps.ts'
import { fileRoutes } from './routes/files.ts'
import { manifestRoutes } from './routes/manifests.ts'
import { pullRoutes } from './routes/pulls.ts'
import { createFilings } from './store/filings.ts'
import { createGrants } from './store/grants.ts'
import { createKeptTexts } from './store/kept-texts.ts'
import { createPulls } from './store/pulls.ts'
import { createServedPulls } from './store/served-pulls.ts'

/** Both sides of the exchange, put together once. */
export type Exchange = ReturnType<typeof createExchange>

const CHORES_MILLISECONDS = 30_000
const ID = { type: 'string', minLength: 1, maxLength: 64, pattern: '^[0-9a-f]+$' } as const
const TARGET = { type: 'string', minLength: 1, maxLength: 128 } as const
const PULL = closed(
  {
    agreement: TARGET,
    dataset: TARGET,
    version: { type: 'integer', minimum: 1, maximum: 4294967295 },
    confirms: { type: 'boolean' },
  },
  [],
)
const PULLS = closed(
  { pull: ID, dataset: TARGET, agreement: ID, limit: { type: 'integer', minimum: 1, maximum: 10_000 } },
  [],
)
const RECEIPTS = closed({ id: ID, proofs: { type: 'boolean' } }, [])

/** Builds the exchange; nothing runs and nothing is sent before `start`. `waits`: pauses between tries at an owner, milliseconds. */
export function createExchange(
  deps: ExchangeDeps,
  { waits = OWNER_WAITS }: { readonly waits?: readonly number[] } = {},
) {
  const stores = {
    kept: createKeptTexts(deps.db),
    servedPulls: createServedPulls(deps.db),
    pulls: createPulls(deps.db),
    grants: createGrants(deps.db),
    filings: createFilings(deps.db),
  }
  const known = { ...deps, ...stores }
  const requireContinuity = createContinuity(known)
  const finder = createAgreementFinder(known)
  const owner = createOwnerSide({ ...known, requireContinuity, finder })
  const consumer = createConsumerSide({ ...known, requireContinuity, finder, waits })
  const fileReceipts = createFileReceipts(known)
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined

  /** Each chore stands alone: one that fails is tried again in the next round and holds up no other. */
  async function runChores(): Promise<void> {
    for (const [name, chore] of Object.entries({
      renewDue: consumer.grantHolder.renewDue,
      keepLines: consumer.keepLines,
      closeOverdue: owner.closeOverdue,
      fileReceipts,
      finishPulls: () => consumer.finishPulls(stopping.signal),
    })) {
      if (stopping.signal.aborted) return
      try {
        await chore()
      } catch (error) {
        if (!stopping.signal.aborted) deps.log.error({ err: error, chore: name }, 'a chore failed')
      }
    }
  }

  let chores: Promise<void> = Promise.resolve()
  let waiting = 0
  /** Resolves after a round that began no earlier than now; many who ask at once share it. */
  function wake(): Promise<void> {
    if (waiting === 0) {
      waiting += 1
      chores = chores.then(() => {
        waiting -= 1
        return runChores()
      })
    }
    return chores
  }

  /** There are papers to file; before `start` nothing is sent by itself. */
  function papersWait(): void {
    if (timer !== undefined) void wake()
  }

  const actions: Actions = {
    pull: action(PULL, async ({ agreement, dataset, version, confirms = false }, context) => {
      const target = agreement ?? dataset
      if (target === undefined) throw new Refusal('USAGE', { rule: 'pull AGREEMENT|DATASET' })
      const asked = { target, confirms, ...(version === undefined ? {} : { version }) }
      return consumer.pulling.pullDataset(asked, context).finally(papersWait)
    }),
    'pull-taken': action(closed({ pull: ID }, ['pull']), ({ pull }) => consumer.pulling.take(pull)),
    receipts: action(RECEIPTS, ({ id, proofs = false }) => {
      const receipts = listReceipts({ ...stores, member: deps.member }, id)
      return proofs
        ? receipts.map((one) => ({ ...one, proofFile: consumer.provePull(one.pull, 'elsewhere') }))
        : receipts
    }),
    pulls: action(PULLS, createListPulls({ ...stores, ...consumer.pulling })),
    'pull-proof': action(closed({ pull: ID }, ['pull']), ({ pull }) => consumer.provePull(pull, 'beside')),
  }

  return {
    actions,
    /** Registers the resources of Protocol 6 on the exchange listener, behind `requireCaller`. */
    routes: async (app: FastifyInstance): Promise<void> => {
      await app.register(manifestRoutes({ openRight: owner.openRight, datasets: deps.datasets }))
      await app.register(pullRoutes({ ...stores, ...owner, acknowledged: papersWait }))
      await app.register(fileRoutes(owner))
    },
    /** Begins the chores: grants, answers still to be sent, pulls to close, receipts to file. */
    start(): void {
      for (const pull of stores.pulls.unfinished())
        deps.log.info(
          { pull: pull.pull, dataset: pull.dataset, version: pull.version, state: pull.state },
          'pull still open',
        )
      timer = setInterval(() => void wake(), CHORES_MILLISECONDS).unref()
      void wake()
    },
    /** Ends the chores; transfers are cut by the listener's close. */
    async stop(): Promise<void> {
      clearInterval(timer)
      stopping.abort(new Refusal('NOT_RUNNING'))
      await Promise.all([chores, consumer.pulling.stop()])
      await owner.transfers.cutTransfers(() => true, new Refusal('TRANSFER_CUT', { rule: 'the node stops' }))
    },
    /** To be called when an agreement, the directory, the status list or our own certificate has changed: rights are asked anew at once. */
    async changed(): Promise<void> {
      await owner.transfers.recheckAll()
      void wake()
    },
    /** Runs all chores once; for tests and for `doctor`. */
    runChores: wake,
    cutTransfers: (isMeant: (transfer: RunningTransfer) => boolean, reason: Refusal): Promise<void> =>
      owner.transfers.cutTransfers(isMeant, reason),
    /** For `status`, `doctor` and alarms. */
    status: () => ({
      openPulls: stores.pulls.unfinished().length,
      runningTransfers: owner.transfers.count(),
      unfiledReceipts: stores.filings.countOpen(),
    }),
  }
}

type Known = ExchangeDeps & {
  readonly kept: ReturnType<typeof createKeptTexts>
  readonly servedPulls: ReturnType<typeof createServedPulls>
  readonly pulls: ReturnType<typeof createPulls>
  readonly grants: ReturnType<typeof createGrants>
  readonly filings: ReturnType<typeof createFilings>
  readonly requireContinuity: ReturnType<typeof createContinuity>
  readonly finder: ReturnType<typeof createAgreementFinder>
}

function createOwnerSide(known: Known) {
  const openRight = createOpenRight(known)
  const transfers = createRunningTransfers(async ({ grant, thumbprint, pull }) => {
    await openRight(grant, thumbprint)
    if (!(known.servedPulls.find(pull)?.closed === null)) throw new Refusal('PULL_CLOSED', { pull })
  }, known.log)
  const closePull = createClosePull({ ...known, transfers })
  return {
    openRight,
    transfers,
    closePull,
    openPull: createOpenPull({ ...known, openRight, closePull }),
    receiveAcknowledgement: createReceiveAcknowledgement({ ...known, closePull }),
    files: createFileServer({ ...known, openRight, transfers }),
    /** Protocol 6.6: seven days after opening the owner closes a pull. */
    async closeOverdue(): Promise<void> {
      const before = known.clock.now() - known.trust.limits().pullOpenSeconds
      for (const { pull } of known.servedPulls.openedBefore(before)) await closePull(pull, 'lapsed')
    },
  }
}

function createConsumerSide(known: Known & { readonly waits: readonly number[] }) {
  const grantHolder = createGrantHolder(known)
  const readAgreedLine = createReadAgreedLine(known)
  const sessions = { ...known, grantHolder, readAgreedLine }
  const openSession = createOpenSession(sessions)
  const acknowledgements = createAcknowledgePull(known)
  const orderPull = createOrderPull({ ...known, acknowledgements })
  const receiveVersion = createReceiveVersion({
    ...known,
    manifests: createManifestFinder(known),
    orderPull,
    acknowledgements,
    receiveFile: createReceiveFile(known),
  })
  const provePull = createProvePull(known)
  return {
    grantHolder,
    keepLines: createKeepLines(sessions),
    provePull,
    pulling: createPullDataset({ ...known, openSession, receiveVersion, acknowledgements, provePull }),
    finishPulls: createFinishPulls({
      ...known,
      acknowledgements,
      openSession: createOpenSession({ ...sessions, waits: [] }),
    }),
  }
}
