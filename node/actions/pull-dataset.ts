import { parseDocument } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { ActionContext, Progress } from '#web/serving/actions.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { Pull, PulledVersion, Pulls } from '../store/pulls.ts'
import type { AcknowledgePull } from './acknowledge-pull.ts'
import { chooseAgreement } from './choose-agreement.ts'
import type { OpenSession, OwnerSession } from './open-session.ts'
import type { OnBytes, ReceiveVersion } from './receive-version.ts'
import { filesInScope } from './verify-manifest.ts'

type Deps = Pick<
  ExchangeDeps,
  'member' | 'clock' | 'commit' | 'agreements' | 'refreshAgreements' | 'blobs' | 'offerFile' | 'log'
> & {
  readonly pulls: Pulls
  readonly openSession: OpenSession
  readonly receiveVersion: ReceiveVersion
  readonly acknowledgements: AcknowledgePull
  /** The proof file of a pull, JSON text. */
  readonly provePull: (pull: string, data: 'beside') => string
}

/**
 * `target`: an agreement's id, a unique prefix of it, or a dataset. Whoever writes the files elsewhere `confirms`, by `take`,
 * that they stand there; until then the same command joins the pull.
 */
export interface PullArguments {
  readonly target: string
  readonly version?: number
  readonly confirms?: boolean
}

/** What `node pull` prints, and what the command line needs to write the files. */
export interface PullResult {
  readonly pull: string
  readonly agreement: string
  readonly dataset: string
  readonly version: number
  readonly bytes: number
  readonly fetchedBytes: number
  readonly files: readonly {
    readonly path: string
    readonly sha256: string
    readonly bytes: number
    readonly handle: string
    /** Where it lies, for a command line that can read it there. */
    readonly blob: string
  }[]
  readonly verified: true
  /** Present where the newest version was asked for and this one, not handed over yet, is all that the agreement still gives. */
  readonly pullsSpent?: true
  readonly proof: string
  readonly proofFile: string
}

type Tell = (phase: string, done: number, total: number, unit?: Progress['unit']) => void
type Asking = Pick<ActionContext, 'progress' | 'signal'>

interface Running {
  readonly result: Promise<PullResult>
  readonly controller: AbortController
  readonly asking: Set<Asking>
}

/**
 * `node pull`: one pull at a time per agreement and version; the same command again joins it until its files were handed
 * over. It goes on while anybody waits for it, and what a stop interrupts is picked up by the next.
 */
export function createPullDataset(deps: Deps) {
  const { member, clock, commit, agreements, refreshAgreements, log, pulls, openSession, acknowledgements } = deps
  const running = new Map<string, Running>()

  /** Stops every pull; each is picked up by the same command after the next start. */
  async function stop(): Promise<void> {
    const all = [...running.values()]
    for (const { controller } of all) controller.abort(new Refusal('TRANSFER_CUT', { rule: 'the node stops' }))
    await Promise.allSettled(all.map(({ result }) => result))
  }

  async function pullDataset(
    { target, version, confirms = false }: PullArguments,
    asking: Asking,
  ): Promise<PullResult> {
    const agreement = await choose(target)
    const key = `${agreement.id} ${version ?? 'newest'}`
    const joined = running.get(key) ?? start(key, agreement, version)
    joined.asking.add(asking)
    const leave = () => {
      joined.asking.delete(asking)
      if (joined.asking.size === 0)
        joined.controller.abort(new Refusal('TRANSFER_CUT', { rule: 'nobody waits for this pull any more' }))
    }
    asking.signal.addEventListener('abort', leave, { once: true })
    if (asking.signal.aborted) leave()
    const result = await joined.result.finally(() => asking.signal.removeEventListener('abort', leave))
    if (!confirms) await take(result.pull)
    return result
  }

  /** The files were handed over. PULL_UNKNOWN. */
  async function take(pull: string): Promise<void> {
    if (pulls.find(pull) === undefined) throw new Refusal('PULL_UNKNOWN', { pull })
    await commit(() => pulls.take(pull, clock.now()))
  }

  /** Is any pull under this agreement being received at this moment? */
  const isRunning = (agreement: string): boolean => [...running.keys()].some((key) => key.startsWith(`${agreement} `))

  return { pullDataset, take, stop, isRunning }

  /** The hub may have told of it a moment ago; when it cannot be asked, what is known decides. */
  async function choose(target: string): Promise<AgreementRecord> {
    try {
      return chooseAgreement(agreements, member, target)
    } catch (error) {
      if (!isRefusal(error, 'AGREEMENT_UNKNOWN', 'AGREEMENT_NOT_FINAL', 'AGREEMENT_SUSPENDED')) throw error
      await refreshAgreements().catch((reason) => log.warn({ err: reason }, 'agreements could not be refreshed'))
      return chooseAgreement(agreements, member, target)
    }
  }

  function start(key: string, agreement: AgreementRecord, version: number | undefined): Running {
    const controller = new AbortController()
    const asking = new Set<Asking>()
    const tell: Tell = (phase, done, total, unit = 'bytes') => {
      for (const one of asking) one.progress({ phase, done, total, unit })
    }
    const result = run(agreement, version, controller.signal, tell).finally(() => running.delete(key))
    // Those who wait hear of a failure; when nobody does, it is in the pull's row.
    result.catch(() => {})
    const made = { result, controller, asking }
    running.set(key, made)
    return made
  }

  async function run(
    agreement: AgreementRecord,
    version: number | undefined,
    signal: AbortSignal,
    tell: Tell,
  ): Promise<PullResult> {
    tell('connect', 0, 0, 'steps')
    const session = await openSession(agreement, signal)
    try {
      const { pull, ...spent } = await receive(deps, session, version, (done, total) => tell('fetch', done, total))
      tell('acknowledge', 0, 1, 'steps')
      try {
        await acknowledgements.finish(session, pull)
      } catch (error) {
        if (!isRefusal(error, 'OWNER_UNREACHABLE')) throw error
        // The data are whole and stay; the answer goes out by itself when the owner is back.
        throw new Refusal('OWNER_UNREACHABLE', {
          ...error.facts,
          ...describe(deps, agreement, pull),
          ...spent,
          acknowledgement: 'pending',
        })
      }
      tell('acknowledge', 1, 1, 'steps')
      return { ...describe(deps, agreement, pull), ...spent }
    } finally {
      await session.close()
    }
  }
}

/** Where no pull is left for the newest version, one of an earlier version that counted and was never handed over is joined. */
async function receive(
  { pulls, receiveVersion }: Pick<Deps, 'pulls' | 'receiveVersion'>,
  session: OwnerSession,
  version: number | undefined,
  onBytes: OnBytes,
): Promise<{ readonly pull: string; readonly pullsSpent?: true }> {
  try {
    return { pull: await receiveVersion(session, version, onBytes) }
  } catch (error) {
    const isSpent = isRefusal(error, 'PULLS_SPENT') && version === undefined
    const earlier = isSpent ? pulls.findUntaken(session.agreement.id) : undefined
    if (earlier === undefined) throw error
    return { pull: await receiveVersion(session, earlier.version, onBytes), pullsSpent: true }
  }
}

function describe({ pulls, blobs, offerFile, provePull }: Deps, agreement: AgreementRecord, id: string): PullResult {
  const pull = pulls.find(id) as Pull
  const { text } = pulls.findVersion(pull.manifest) as PulledVersion
  const manifest = parseDocument('manifest', text).payload
  const files = filesInScope(manifest, agreement.payload.terms).map(({ file: { path, sha256, bytes } }) => ({
    path,
    sha256,
    bytes,
    handle: offerFile(blobs.pathOf(sha256)),
    blob: blobs.pathOf(sha256),
  }))
  return {
    pull: id,
    agreement: agreement.id,
    dataset: pull.dataset,
    version: pull.version,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    fetchedBytes: pull.fetched,
    files,
    verified: true,
    proof: `${pull.dataset.slice(pull.dataset.indexOf('/') + 1)}-v${pull.version}.proof.json`,
    proofFile: provePull(id, 'beside'),
  }
}
