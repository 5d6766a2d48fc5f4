import { join } from 'node:path'
import { isRefusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import type { Frame } from '#web/pages/frame.ts'
import { pick } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import { type Actions, action, runAction } from '#web/serving/actions.ts'
import { closePaths, type HealthCheck } from '../actions/check-health.ts'
import { listCoOwned } from '../actions/list-co-owned.ts'
import { listWaiting } from '../actions/list-waiting.ts'
import { createDrafting } from '../actions/prepare-draft.ts'
import { createPublishDraft } from '../actions/publish-draft.ts'
import type { Published } from '../actions/publish-version.ts'
import { ownStanding } from '../actions/report-status.ts'
import { createTurns } from '../actions/take-turns.ts'
import type { NodeDeps } from '../deps.ts'
import { createDatasets, payloadOf } from '../store/datasets.ts'
import { createDrafts } from '../store/drafts.ts'
import { datasetPages } from './dataset.ts'
import { datasetsPages } from './datasets.ts'
import { keepAnswer } from './keep-answer.ts'
import { navOf } from './nav.ts'
import type { NodePages, NodePagesDeps } from './node-pages.ts'
import { overviewPages } from './overview.ts'
import { publishPages } from './publish.ts'
import { publishFormPages } from './publish-form.ts'
import { publishStepPages } from './publish-pages.ts'
import { openUsingDeps } from './using-deps.ts'
import { usingPages } from './using-pages.ts'
import { withdrawPages } from './withdraw.ts'

const PULL = closed({ pull: { type: 'string', maxLength: 64 } }, ['pull'])
const DRAFT = closed({ draft: { type: 'string', maxLength: 36 } }, ['draft'])

/** The staff's console: its pages, its frame, and the actions that only pages know. `actions`: those of the command line. */
export function createNodeConsole(deps: NodeDeps, actions: Actions) {
  const pagesDeps = openPagesDeps(deps)
  const { drafts, datasets, membership } = pagesDeps
  const inTurn = pagesDeps.inTurn

  return {
    actions: {
      'publish-draft': action(DRAFT, ({ draft }, context) =>
        createPublishDraft({
          drafts,
          inTurn,
          isTaken: (slug) => datasets.last(`${deps.member}/${slug}`) !== undefined,
          transfers: deps.transfers,
          publish: async (publication) => (await runAction(actions, 'publish', publication, context)) as Published,
        })(draft, context),
      ),
      'check-result': action(PULL, ({ pull }, context) => pagesDeps.using.checkResult(pull, context)),
      'inspect-draft': action(DRAFT, async ({ draft }, context) => {
        await pagesDeps.drafting.inspect(draft, context)
        return { draft }
      }),
    } satisfies Actions,
    pages(site: NodePages): void {
      for (const group of GROUPS) group(site, pagesDeps)
    },
    async frame(visit: Visit): Promise<Frame> {
      const { t } = visit
      const refused = datasets.list().filter((id) => datasets.last(id)?.problem != null).length
      return {
        kind: 'console',
        site: 'node',
        brand: membership().name,
        tagline: t('行汇接入节点', 'Hanghui node'),
        nav: navOf(visit, {
          drafts: drafts.list().length,
          datasets: refused + (await pagesDeps.toSign()),
          ...pagesDeps.using.waiting(),
        }),
      }
    },
  }
}

/** Each registers the pages of one matter. */
const GROUPS: readonly ((pages: NodePages, deps: NodePagesDeps) => void)[] = [
  overviewPages,
  publishPages,
  publishStepPages,
  publishFormPages,
  datasetsPages,
  datasetPages,
  withdrawPages,
  ...usingPages,
]

function openPagesDeps(deps: NodeDeps): NodePagesDeps & { readonly inTurn: ReturnType<typeof createTurns> } {
  const { db, dataDir, clock, trust, member, membership } = deps
  const datasets = createDatasets(db)
  const drafts = createDrafts(join(dataDir, 'drafts'))
  const inTurn = createTurns()
  const using = openUsingDeps(deps, datasets)
  const checks = keepAnswer<{ checks: HealthCheck[] }>(clock.now)
  const toSign = keepAnswer<number>(clock.now)
  return {
    member,
    clock,
    membership,
    datasets,
    drafts,
    inTurn,
    drafting: createDrafting({ drafts, datasets, clock, inTurn }),
    standingOf: (id) => trust.findMember(id)?.standing ?? 'good',
    nameOf: (id) => trust.findMember(id)?.name ?? id,
    titleOf: (lang, dataset) => {
      const own = datasets.newestEntry(dataset)
      const title = own === undefined ? using.entries.brief(dataset)?.title : payloadOf(own).meta.title
      return title === undefined ? dataset.slice(19) : pick(lang, title)
    },
    rules: () => ({ ...membership(), now: clock.now() }),
    waiting() {
      toSign.forget()
      return listWaiting(deps)
    },
    toSign: async () => (await toSign.get(() => countToSign(deps))) ?? 0,
    coOwned: () => listCoOwned(deps.stores.papers),
    checks: async (ask) => (await checks.get(ask))?.checks,
    forgetChecks: checks.forget,
    closePaths: () => closePaths(dataDir),
    standing: () => ownStanding(deps),
    portal: () => trust.directory()?.payload.hub.public || undefined,
    using,
  }
}

/** Joint entries that wait for our signature; none where the hub cannot be asked. */
async function countToSign(deps: NodeDeps): Promise<number> {
  try {
    return (await listWaiting(deps)).filter(({ missing }) => missing.includes(deps.member)).length
  } catch (error) {
    if (!isRefusal(error)) throw error
    return 0
  }
}
