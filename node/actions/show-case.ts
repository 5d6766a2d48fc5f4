import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, Terms } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { type ShownDocument, showDocument } from '#schemas/show-document.ts'
import type { NodeDeps } from '../deps.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'
import type { KnownEntries } from './known-entries.ts'
import { pickByAgreement, pickByRequest } from './pick-story.ts'
import { standingWords } from './standing-words.ts'

type Deps = Pick<NodeDeps, 'member' | 'findCertificate' | 'trust'> & {
  readonly stories: Stories
  readonly papers: Papers
  readonly entries: KnownEntries
}

/** One request with all that followed on it, as people look at it before they decide. Times are RFC 3339. */
export interface ShownCase extends Omit<Story, 'signers' | 'changed'> {
  /** Which side of it we are. */
  readonly role: 'consumer' | 'owner'
  /** What was asked for first. */
  readonly asked: Terms
  /** What stands: the agreement's own words once there is one, else the last offer's, else the request's. */
  readonly terms: Terms
  /** Id of the words that stand: what a person agrees to is what was shown. */
  readonly words: string
  /** Who spoke last, and whether the consumer has accepted these very words. */
  readonly lastBy: string
  readonly accepted: boolean
  /** Members whose signature the agreement bears. */
  readonly signed: readonly string[]
  /** The entry asked for; undefined while it has not been fetched. */
  readonly entry: CatalogEntry | undefined
  readonly documents: readonly (ShownDocument & { readonly member: string; readonly stored: string })[]
}

/** By its request or its agreement, or a unique prefix. REQUEST_UNKNOWN, AMBIGUOUS_ID. */
export function showCase(deps: Deps, id: string): ShownCase {
  const { stories, papers, entries, member } = deps
  const { signers, changed: _, ...story } = pickStory(stories, id)
  const words = standingWords(papers, story.request)
  const agreement = story.agreement === null ? undefined : papers.find(story.agreement)
  return {
    ...story,
    role: story.consumer === member ? 'consumer' : 'owner',
    asked: words.asked.terms,
    terms: agreement === undefined ? words.terms : parseDocument('agreement', agreement.text).payload.terms,
    words: words.id,
    lastBy: words.signer,
    accepted: words.accepted,
    signed: agreement === undefined ? [] : Object.keys(signers),
    entry: entries.find(words.asked.entry),
    documents: documentsOf(deps, story.request),
  }
}

function pickStory(stories: Stories, id: string): Story {
  const byAgreement = stories.findByAgreement(id)
  if (byAgreement !== undefined) return byAgreement
  try {
    return pickByRequest(stories, id)
  } catch (error) {
    if (!isRefusal(error, 'REQUEST_UNKNOWN')) throw error
    return pickByAgreement(stories, id)
  }
}

function documentsOf({ papers, trust, findCertificate }: Deps, request: string): ShownCase['documents'] {
  const hub = trust.directory()?.payload.hub.name ?? 'hub'
  const nameOf = (member: string | undefined) =>
    member === undefined || member === 'hub' ? hub : (trust.findMember(member)?.name ?? member)
  return papers.ofStory(request).map(({ kind, text, signer, iat }) => ({
    ...showDocument(kind, text, (thumbprint) => nameOf(findCertificate(thumbprint)?.member)),
    member: nameOf(signer),
    stored: toRfc3339(iat),
  }))
}
