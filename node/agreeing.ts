import type { Actions } from '#web/serving/actions.ts'
import type { HubEvent } from './actions/follow-events.ts'
import { createStoryFollower } from './actions/follow-stories.ts'
import { createAgreementBook } from './actions/known-agreements.ts'
import { createReadStory } from './actions/read-story.ts'
import { createPaperReader } from './actions/verify-papers.ts'
import type { NodeDeps } from './deps.ts'
import type { KnownAgreements, OwnDatasets } from './exchange-deps.ts'
import type { Publishing } from './publishing.ts'
import { createStories } from './store/stories.ts'

/** Everything the way from wish to right is given by `main`. */
export interface AgreeingDeps extends NodeDeps {
  readonly outbox: Publishing['outbox']
  readonly datasets: OwnDatasets
  readonly refreshTrust: () => Promise<void>
  /** Rights are asked anew at once. */
  readonly changed: () => void
}

/** From wish to right, put together once. */
export interface Agreeing {
  readonly actions: Actions
  readonly agreements: KnownAgreements
  /** Brings requests and agreements up to date with the hub; HUB_UNREACHABLE. */
  refreshAgreements(): Promise<void>
  /** An event of the hub named a document of ours. */
  heard(event: HubEvent): Promise<void>
  /** Every few seconds: what goes on by itself. Never throws for an absent hub. */
  tick(): Promise<void>
}

export function createAgreeing(deps: AgreeingDeps): Agreeing {
  const stories = createStories(deps.db)
  const { papers } = deps.stores
  const book = createAgreementBook({ stories, papers, clock: deps.clock })
  const reader = createPaperReader({ trust: deps.trust, keys: deps.keys, papers })
  const readStory = createReadStory({
    member: deps.member,
    papers,
    reader,
    findMember: (thumbprint) => deps.findCertificate(thumbprint)?.member,
  })
  const follower = createStoryFollower({
    ...deps,
    ...deps.stores,
    stories,
    readStory,
    changed(story) {
      book.learn(story)
      deps.changed()
    },
  })
  return {
    actions: {},
    agreements: book,
    refreshAgreements: follower.refreshAgreements,
    heard: async () => follower.refreshAgreements(),
    tick: async () => {},
  }
}
