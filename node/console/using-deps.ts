import type { Kind, MemberEntry } from '#schemas/kinds.ts'
import { type ShownDocument, showDocument } from '#schemas/show-document.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import { createKnownEntries, type KnownEntries } from '../actions/known-entries.ts'
import { checkResult, type PullResultView, readResult } from '../actions/read-result.ts'
import { type ShownCase, showCase } from '../actions/show-case.ts'
import type { NodeDeps } from '../deps.ts'
import type { Datasets } from '../store/datasets.ts'
import { createKeptTexts } from '../store/kept-texts.ts'
import { createPulls } from '../store/pulls.ts'
import { createServedPulls } from '../store/served-pulls.ts'
import { createSponsorships, type Sponsorship } from '../store/sponsorships.ts'
import { createStories, type Story } from '../store/stories.ts'
import { waitsForUs } from './case-words.ts'

/** What pages of finding, asking, pulling and keeping may know beyond the actions of the command line. */
export interface UsingDeps {
  readonly entries: KnownEntries
  readonly stories: () => readonly Story[]
  /** Requests in which we are the ones to act. */
  readonly ours: () => ReadonlySet<string>
  /** REQUEST_UNKNOWN, AMBIGUOUS_ID. */
  readonly showCase: (id: string) => ShownCase
  /** PULL_UNKNOWN. */
  readonly result: (pull: string) => PullResultView
  readonly checkResult: (pull: string, context: ActionContext) => Promise<object>
  /** Documents of a pull, given or received, oldest first. */
  readonly pullDocuments: (pull: string) => readonly ShownDocument[]
  readonly members: () => readonly MemberEntry[]
  readonly sponsorships: () => readonly Sponsorship[]
  /** Path for something that a page makes to be fetched at once; gone at the next start. */
  readonly scratchPath: () => string
  /** How many cases wait for us, and how many alarms stand. */
  readonly waiting: () => { readonly requests: number; readonly alarms: number }
}

export function openUsingDeps(deps: NodeDeps, datasets: Datasets): UsingDeps {
  const { db, member, trust, blobs, transfers, findCertificate } = deps
  const { papers, alarms } = deps.stores
  const stories = createStories(db)
  const pulls = createPulls(db)
  const served = createServedPulls(db)
  const sponsorships = createSponsorships(db)
  const entries = createKnownEntries({ ...deps, kept: createKeptTexts(db), datasets, papers, stories })
  const results = { pulls, papers, blobs }

  function nameOf(thumbprint: string): string {
    const id = findCertificate(thumbprint)?.member
    return id === undefined ? (trust.directory()?.payload.hub.name ?? 'hub') : (trust.findMember(id)?.name ?? id)
  }

  const ours = () => stories.undecided().filter((story) => waitsForUs(story, member))

  return {
    entries,
    stories: stories.list,
    ours: () => new Set(ours().map(({ request }) => request)),
    showCase: (id) => showCase({ member, findCertificate, trust, stories, papers, entries }, id),
    result: (pull) => readResult(results, pull),
    checkResult: (pull, context) => checkResult(results, pull, context),
    pullDocuments(pull) {
      const row = pulls.find(pull) ?? served.find(pull)
      const texts: (readonly [Kind, string | null | undefined])[] = [
        ['pull-order', row?.order_text],
        ['delivery', row?.delivery_text],
        ['acknowledgement', row?.acknowledgement_text],
      ]
      return texts.flatMap(([kind, text]) => (text == null ? [] : [showDocument(kind, text, nameOf)]))
    },
    members: () => [...trust.members()],
    sponsorships: sponsorships.list,
    scratchPath: transfers.scratchPath,
    waiting: () => ({ requests: ours().length, alarms: alarms.standing().length }),
  }
}
