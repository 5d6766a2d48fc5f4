import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { PullLine, Pulls } from '../store/pulls.ts'

/** Where a pull of ours stands: data on their way; waiting to go on; data here, answer not yet confirmed; done; never to be. */
export type PullStage = 'running' | 'waiting' | 'confirming' | 'done' | 'rejected'

/** One pull of ours as the console lists it; times RFC 3339, bytes of the version and of what came. */
export interface ListedPull {
  readonly pull: string
  readonly agreement: string
  readonly owner: string
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly stage: PullStage
  /** Refusal code of the last try that failed. */
  readonly problem: string | null
  readonly bytes: number
  readonly fetched: number
  readonly reused: number
  readonly ordered: string
  readonly outcome: string | null
}

interface Deps {
  readonly pulls: Pulls
  /** Is a pull under this agreement being received at this moment? */
  readonly isRunning: (agreement: string) => boolean
}

/** Which of them; all where nothing is said. */
export interface ChosenPulls {
  readonly pull?: string | undefined
  readonly dataset?: string | undefined
  readonly agreement?: string | undefined
  readonly limit?: number | undefined
}

const SIZES_KEPT = 10_000

/** Our pulls, newest first. */
export function createListPulls({ pulls, isRunning }: Deps) {
  /** A version never changes. */
  const sizes = new Map<string, number>()
  const sizeOf = (manifest: string): number => {
    const known = sizes.get(manifest) ?? bytesOf(pulls, manifest)
    if (sizes.size < SIZES_KEPT) sizes.set(manifest, known)
    return known
  }
  return ({ pull, dataset, agreement, limit }: ChosenPulls): ListedPull[] =>
    pulls
      .list()
      .filter((row) => pull === undefined || row.pull === pull)
      .filter((row) => dataset === undefined || row.dataset === dataset)
      .filter((row) => agreement === undefined || row.agreement === agreement)
      .toReversed()
      .slice(0, limit)
      .map((row) => ({
        pull: row.pull,
        agreement: row.agreement,
        owner: row.owner,
        dataset: row.dataset,
        version: row.version,
        manifest: row.manifest,
        stage: stageOf(row, isRunning(row.agreement)),
        problem: row.problem,
        bytes: sizeOf(row.manifest),
        fetched: row.fetched,
        reused: row.reused,
        ordered: toRfc3339(row.ordered),
        outcome: row.outcome,
      }))
}

function bytesOf(pulls: Pulls, manifest: string): number {
  const version = pulls.findVersion(manifest)
  if (version === undefined) return 0
  return parseDocument('manifest', version.text).payload.files.reduce((sum, { bytes }) => sum + bytes, 0)
}

function stageOf({ state, outcome, confirmed }: PullLine, isRunning: boolean): PullStage {
  if (outcome === 'rejected' || outcome === 'abandoned') return 'rejected'
  if (state === 'ordered' || state === 'open') return isRunning ? 'running' : 'waiting'
  return confirmed === null ? 'confirming' : 'done'
}
