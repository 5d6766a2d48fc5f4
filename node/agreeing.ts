import { isRefusal } from '#schemas/refusal.ts'
import type { Actions } from '#web/serving/actions.ts'
import { fetchDatasetEntry, fetchEntry } from './actions/fetch-entry.ts'
import { findSameRequest } from './actions/find-same-request.ts'
import type { HubEvent } from './actions/follow-events.ts'
import { createStoryFollower } from './actions/follow-stories.ts'
import { createAgreementBook } from './actions/known-agreements.ts'
import { lookAgain } from './actions/look-again.ts'
import { createNegotiation, mayAdvance } from './actions/negotiate.ts'
import { pickByAgreement, pickByRequest } from './actions/pick-story.ts'
import { createReadStory } from './actions/read-story.ts'
import { createSendWords } from './actions/send-words.ts'
import { createChanges } from './actions/settle-change.ts'
import { standingWords } from './actions/standing-words.ts'
import { createTurns } from './actions/take-turns.ts'
import { createPaperReader } from './actions/verify-papers.ts'
import { agreeingActions } from './agreeing-actions.ts'
import type { NodeDeps } from './deps.ts'
import type { KnownAgreements } from './exchange-deps.ts'
import type { Publishing } from './publishing.ts'
import { createOutbox } from './store/outbox.ts'
import { createStories, type Story } from './store/stories.ts'
import { createStrandedChanges } from './store/stranded-changes.ts'

/** Everything the way from wish to right is given by `main`. */
export interface AgreeingDeps extends NodeDeps {
  readonly outbox: Publishing['outbox']
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

const ADVANCE_SECONDS = 60

export function createAgreeing(deps: AgreeingDeps): Agreeing {
  const { member, clock, log, trust, outbox, stores } = deps
  const stories = createStories(deps.db)
  const { papers } = stores
  const book = createAgreementBook({ stories, papers, clock })
  const findMember = (thumbprint: string) => deps.findCertificate(thumbprint)?.member
  const reader = createPaperReader({ member, findMember, trust, keys: deps.keys, papers })
  const stranded = createStrandedChanges(stores.facts)
  const readStory = createReadStory({ member, stranded, papers, reader, findMember })
  const follower = createStoryFollower({ ...deps, ...stores, stories, readStory, changed: storyChanged })
  const inTurn = createTurns()
  const send = createSendWords({ signer: deps.signer, delivery: outbox.delivery, readOne: follower.readOne })
  const negotiation = createNegotiation({
    ...deps,
    stories,
    papers,
    send,
    inTurn,
    // The owner may have enrolled or renewed a moment ago.
    fetchDataset: (dataset) => lookAgain(deps.refreshTrust, () => fetchDatasetEntry(deps, dataset)),
    fetchEntry: async (id) => (await lookAgain(deps.refreshTrust, () => fetchEntry(deps, id))).entry,
    findStory: (typed) => heardOf(() => pickByRequest(stories, typed)),
    findSame: (wish) => findSameRequest({ stories, papers, pending, flush: outbox.flush }, wish),
    readOne: follower.readOne,
  })
  const changes = createChanges({
    ...deps,
    stories,
    papers,
    stranded,
    keepPaper: follower.keepPaper,
    delivery: outbox.delivery,
    inTurn,
    readOne: follower.readOne,
    findAgreement: (typed: string) => heardOf(() => pickByAgreement(stories, typed)),
    learn,
    raiseAlarm: deps.bell.raise,
  })
  const parcels = createOutbox(deps.db)
  const pending = () =>
    parcels
      .lanes()
      .filter((lane) => lane.startsWith('request:'))
      .flatMap(parcels.ofLane)
  outbox.settleWith(['request', 'offer', 'consent', 'refusal', 'agreement'], () => {})
  outbox.settleWith(['agreement-change'], changes.settle)
  let advanceDue = 0

  /** Whoever was given an id by telephone may be quicker than the hub's event. */
  async function heardOf<T>(pick: () => T): Promise<T> {
    try {
      return pick()
    } catch (error) {
      if (!isRefusal(error, 'REQUEST_UNKNOWN', 'AGREEMENT_UNKNOWN')) throw error
      await follower.refreshAgreements().catch((failed: unknown) => {
        if (!isRefusal(failed)) throw failed
      })
      return pick()
    }
  }

  function learn(story: Story): void {
    book.learn(story)
    deps.changed()
  }

  function storyChanged(story: Story): void {
    learn(story)
    void advance(story)
  }

  /** Signs where nothing is left for a person to decide; what fails waits for the next look. */
  async function advance(story: Story): Promise<void> {
    try {
      const step = mayAdvance(story, standingWords(papers, story.request), member)
      if (step !== undefined) await inTurn(story.request, () => negotiation[step](story.request))
    } catch (error) {
      if (!isRefusal(error)) log.error({ err: error, request: story.request }, 'a story could not go on')
      else log.info({ request: story.request, refused: error.code }, 'a story does not go on by itself')
    }
  }

  return {
    actions: agreeingActions({
      negotiation,
      changes,
      listing: { member, stories, papers, agreements: book, proofMaterial: deps.proofMaterial },
    }),
    agreements: book,
    refreshAgreements: follower.refreshAgreements,
    heard: async () => follower.refreshAgreements(),
    async tick() {
      if (clock.now() < advanceDue) return
      advanceDue = clock.now() + ADVANCE_SECONDS
      for (const story of stories.list()) {
        if (['REQUESTED', 'ACCEPTED', 'AGREED'].includes(story.state)) await advance(story)
      }
      await changes.mend()
    },
  }
}
