import type { RuleContext } from '#schemas/catalog/rules.ts'
import type { Clock } from '#schemas/clock.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import type { Status } from '#schemas/status-list.ts'
import type { ConsolePages, ConsoleVisit } from '#web/console/console-visit.ts'
import type { Lang } from '#web/pages/language.ts'
import type { HealthCheck } from '../actions/check-health.ts'
import type { WaitingEntry } from '../actions/list-waiting.ts'
import type { Membership } from '../actions/own-membership.ts'
import type { createDrafting } from '../actions/prepare-draft.ts'
import type { Datasets } from '../store/datasets.ts'
import type { Drafts } from '../store/drafts.ts'
import type { UsingDeps } from './using-deps.ts'

export type NodeVisit = ConsoleVisit
export type NodePages = ConsolePages

/** What the pages of this console may know and do beyond the actions of the command line. */
export interface NodePagesDeps {
  readonly member: string
  readonly clock: Clock
  readonly membership: () => Membership
  readonly datasets: Datasets
  readonly drafts: Drafts
  readonly drafting: ReturnType<typeof createDrafting>
  /** How a member stands by the newest directory. */
  readonly standingOf: (member: string) => Status
  /** Name of a member, else its code. */
  readonly nameOf: (member: string) => string
  /** Title of a dataset of ours or of one that we asked for, else its short name. */
  readonly titleOf: (lang: Lang, dataset: string) => string
  /** Under which circumstances the catalogue's rules are asked now. */
  readonly rules: () => RuleContext
  /** Joint entries that lack signatures and concern us. HUB_UNREACHABLE. */
  readonly waiting: () => Promise<readonly WaitingEntry[]>
  /** How many of them wait for our own signature, by the newest answer there is. */
  readonly toSign: () => Promise<number>
  /** Entries of other members that we signed as owners too. */
  readonly coOwned: () => readonly CatalogEntry[]
  /** The newest answer of `doctor`, which takes long where the hub is away; undefined until there is one. */
  readonly checks: (ask: () => Promise<{ checks: HealthCheck[] }>) => Promise<readonly HealthCheck[] | undefined>
  /** Something was done that a check may find mended. */
  readonly forgetChecks: () => void
  /** Makes private what others on this machine may read. */
  readonly closePaths: () => void
  /** How we stand ourselves. */
  readonly standing: () => Status | null
  /** Base URL of the hub's portal, if it has told. */
  readonly portal: () => string | undefined
  /** Of finding, asking, pulling and keeping. */
  readonly using: UsingDeps
}
