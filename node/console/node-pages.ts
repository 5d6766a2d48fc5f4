import type { RuleContext } from '#schemas/catalog/rules.ts'
import type { Clock } from '#schemas/clock.ts'
import type { Problem } from '#schemas/refusal.ts'
import type { Fields } from '#web/pages/forms.ts'
import type { Html } from '#web/pages/html.ts'
import type { Lang } from '#web/pages/language.ts'
import type { Answer } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { Progress } from '#web/serving/actions.ts'
import type { HealthCheck } from '../actions/check-health.ts'
import type { WaitingEntry } from '../actions/list-waiting.ts'
import type { Membership } from '../actions/own-membership.ts'
import type { createDrafting, HandedFile } from '../actions/prepare-draft.ts'
import type { Datasets } from '../store/datasets.ts'
import type { Drafts } from '../store/drafts.ts'

/** STAND-IN until web/console is there. */
export interface NodeVisit extends Visit {
  readonly visitor: { readonly name: string }
  readonly now: number
  act(name: string, args?: object): Promise<unknown>
  begin(name: string, args: object): Answer
  formToken(): Html
  flash(tone: 'good' | 'info' | 'warn', text: string): void
  problemOf(error: unknown): Problem
  filesOf(fields: Fields, name: string): readonly HandedFile[]
  readonly signal: AbortSignal
  progress(progress: Progress): void
}
export interface NodePages {
  get(path: string, options: { roles: 'any' }, handler: (visit: NodeVisit) => Answer | Promise<Answer>): void
  post(
    path: string,
    options: { roles: 'any'; multipart?: boolean },
    handler: (visit: NodeVisit, fields: Fields) => Answer | Promise<Answer>,
  ): void
}

/** What the pages of this console may know and do beyond the actions of the command line. */
export interface NodePagesDeps {
  readonly member: string
  readonly clock: Clock
  readonly membership: () => Membership
  readonly datasets: Datasets
  readonly drafts: Drafts
  readonly drafting: ReturnType<typeof createDrafting>
  /** Name of a member, else its code. */
  readonly nameOf: (member: string) => string
  /** Title of a dataset of ours, else its short name. */
  readonly titleOf: (lang: Lang, dataset: string) => string
  /** Under which circumstances the catalogue's rules are asked now. */
  readonly rules: () => RuleContext
  /** Joint entries that lack signatures and concern us. HUB_UNREACHABLE. */
  readonly waiting: () => Promise<readonly WaitingEntry[]>
  /** The newest answer of `doctor`, which takes long where the hub is away; undefined until there is one. */
  readonly checks: (ask: () => Promise<{ checks: HealthCheck[] }>) => Promise<readonly HealthCheck[] | undefined>
  /** Base URL of the hub's portal, if it has told. */
  readonly portal: () => string | undefined
}
