import { isDeepStrictEqual } from 'node:util'
import { isDatasetId } from '#schemas/catalog/meta.ts'
import type { Clock } from '#schemas/clock.ts'
import type { Signer } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Terms } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { VerifiedEntry } from '#schemas/verify-entry.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'
import type { FetchedEntry } from './fetch-entry.ts'
import type { Wish } from './find-same-request.ts'
import type { Membership } from './own-membership.ts'
import { requireAskable, requireOffer, requireOwnOffer } from './require-offered.ts'
import type { SendWords } from './send-words.ts'
import { type StandingWords, standingWords } from './standing-words.ts'
import type { InTurn } from './take-turns.ts'
import { defaultTerms, type TypedTerms, termsFrom } from './typed-terms.ts'
import { joinAgreement, writeAgreement } from './write-agreement.ts'

export interface NegotiateDeps {
  readonly member: string
  readonly trust: Trust
  readonly clock: Clock
  readonly signer: () => Signer
  readonly stories: Stories
  readonly papers: Papers
  readonly send: SendWords
  readonly inTurn: InTurn
  /** The entry that stands for a dataset now, its signatures verified. */
  readonly fetchDataset: (dataset: string) => Promise<FetchedEntry>
  /** An entry by its id, its signatures verified. */
  readonly fetchEntry: (id: string) => Promise<VerifiedEntry>
  /** Ours by a unique prefix of the request's id; REQUEST_UNKNOWN, AMBIGUOUS_ID. */
  readonly findStory: (typed: string) => Promise<Story>
  readonly membership: () => Membership
  readonly findSame: (wish: Wish) => Promise<string | undefined>
  readonly readOne: (request: string) => Promise<Story | undefined>
}

/** What the commands of a negotiation print. */
export interface Said {
  readonly request: string
  readonly dataset: string
  readonly state: string
  readonly path: string
  readonly agreement?: string
}

/** From wish to agreement (Protocol 5.1 to 5.5), as people do it. One word at a time per request. */
export function createNegotiation(deps: NegotiateDeps) {
  const { member, trust, clock, stories, papers, send, inTurn, findStory } = deps
  const stamp = () => ({ net: trust.net, jti: newJti(), iat: clock.now() })

  async function request(dataset: string, typed: TypedTerms & { readonly purpose: string }): Promise<Said> {
    if (!isDatasetId(dataset)) throw new Refusal('DATASET_UNKNOWN', { dataset })
    const terms = termsFrom(defaultTerms(typed.purpose, clock), typed, clock)
    const { entry } = await deps.fetchDataset(dataset)
    requireAskable(requireOffer(entry, dataset), member, deps.membership().memberClass)
    const wish = { consumer: member, dataset, entry: entry.id, terms }
    const story = await inTurn(`request:${dataset}`, async () => (await findAsked(wish)) ?? askAnew(wish))
    const id = story.request
    return saidOf(
      story.path === 'unconditional' && story.state === 'REQUESTED' ? await inTurn(id, () => takeOffer(id)) : story,
    )
  }

  const askAnew = async (wish: Wish): Promise<Story> => readStory((await send.request({ ...stamp(), ...wish })).request)

  /** Two at once, or the same command after a crash, are one wish; one that has ended meanwhile is none any more. */
  async function findAsked(wish: Wish): Promise<Story | undefined> {
    const known = await deps.findSame(wish)
    if (known === undefined) return undefined
    try {
      const story = await readStory(known)
      return story.state === 'TERMINATED' ? undefined : story
    } catch (error) {
      // The hub refused it when it came; asked anew, it says why.
      if (!isRefusal(error, 'REQUEST_UNKNOWN')) throw error
      return undefined
    }
  }

  /** Protocol 5.2: under the owner's standing offer the consumer alone writes and signs; the hub makes it final. */
  async function takeOffer(id: string): Promise<Story> {
    const story = await readStory(id)
    if (!(story.state === 'REQUESTED' && story.path === 'unconditional' && story.agreement === null)) return story
    const words = standingWords(papers, id)
    const entry = requireOffer(await deps.fetchEntry(words.asked.entry), story.dataset)
    if (!(entry.meta.sharing === 'unconditional'))
      throw new Refusal('PEER_MISBEHAVED', { rule: 'the path is the one of the entry', path: story.path })
    return (await send.agree(id, writeAgreement(deps, words, id, entry, 'unconditional'))) ?? story
  }

  /** Protocol 5.4. Said already: nothing new. `seen`: the words a person has read; others are not signed. TERMS_MISMATCH. */
  async function consent(typed: string, seen?: string): Promise<Said> {
    const { request: id, owners } = await findStory(typed)
    if (!owners.includes(member)) throw new Refusal('SIGNER_FORBIDDEN', { rule: 'an owner consents', request: id })
    return inTurn(id, async () => saidOf(await signAsOwner(id, seen)))
  }

  async function signAsOwner(id: string, seen?: string): Promise<Story> {
    try {
      return await signDraft(id, seen)
    } catch (error) {
      if (!isRefusal(error, 'TERMS_MISMATCH')) throw error
      // Another owner may have been first with a draft of its own meanwhile: ours goes under it.
      return signDraft(id, seen)
    }
  }

  async function signDraft(id: string, seen: string | undefined): Promise<Story> {
    const story = await readStory(id)
    if (story.signers[member] !== undefined) return story
    if (!(story.state === 'REQUESTED' || story.state === 'ACCEPTED'))
      throw new Refusal('TRANSITION_REFUSED', { state: story.state, message: 'owner-signs' })
    const words = standingWords(papers, id)
    requireSeen(words, seen)
    const entry = requireOwnOffer(await deps.fetchEntry(words.asked.entry), story.dataset, member)
    const draft = story.agreement === null ? undefined : papers.find(story.agreement)
    const signed =
      draft === undefined
        ? writeAgreement(deps, words, id, entry, 'conditional')
        : joinAgreement(deps, draft.text, words, entry, 'owner')
    return (await send.agree(id, signed)) ?? story
  }

  /** Protocol 5.5: under the owners' signatures, when it says what was asked or accepted. */
  async function signAsConsumer(id: string): Promise<Story> {
    const story = await readStory(id)
    const draft = story.agreement === null ? undefined : papers.find(story.agreement)
    if (!(story.state === 'AGREED' && draft !== undefined)) return story
    const words = standingWords(papers, id)
    const entry = requireOffer(await deps.fetchEntry(words.asked.entry), story.dataset)
    return (await send.agree(id, joinAgreement(deps, draft.text, words, entry, 'consumer'))) ?? story
  }

  /** An owner's other terms, or a consumer's answer to them. */
  async function counter(typed: string, terms: TypedTerms, reason: string): Promise<Said> {
    const { request: id } = await findStory(typed)
    return inTurn(id, async () => {
      await readStory(id)
      const words = standingWords(papers, id)
      const other = termsFrom(words.terms, terms, clock)
      requireOther(other, words.terms)
      const payload = { ...stamp(), request: id, previous: words.id, terms: other, reason }
      return saidOf((await send.say('offer', id, payload)) ?? (await readStory(id)))
    })
  }

  /** The consumer takes the owner's last offer; `seen` as for `consent`. */
  async function accept(typed: string, seen?: string): Promise<Said> {
    const { request: id } = await findStory(typed)
    return inTurn(id, async () => {
      const story = await readStory(id)
      const words = standingWords(papers, id)
      if (!(story.consumer === member && words.offer !== null && words.signer !== member))
        throw new Refusal('TRANSITION_REFUSED', {
          state: story.state,
          message: 'accept',
          rule: 'the consumer accepts an offer of the owner',
        })
      if (words.accepted) return saidOf(story)
      requireSeen(words, seen)
      return saidOf(
        (await send.say('consent', id, { ...stamp(), request: id, answers: words.id, terms: words.terms })) ?? story,
      )
    })
  }

  async function refuse(typed: string, reason: string): Promise<Said> {
    const { request: id } = await findStory(typed)
    return inTurn(id, async () =>
      saidOf((await send.say('refusal', id, { ...stamp(), request: id, reason })) ?? (await readStory(id))),
    )
  }

  /** From the hub, so that a person decides on what is so now. */
  async function readStory(id: string): Promise<Story> {
    const story = (await deps.readOne(id)) ?? stories.find(id)
    if (story === undefined) throw new Refusal('REQUEST_UNKNOWN', { request: id })
    return story
  }

  return { request, consent, counter, accept, refuse, takeOffer, signAsOwner, signAsConsumer }
}

/** An offer of the very terms that stand says nothing, and would have the other side answer once more. */
function requireOther(offered: Terms, standing: Terms): void {
  if (!isDeepStrictEqual(offered, standing)) return
  throw new Refusal('BODY_INVALID', {
    rule: 'other terms than those that stand',
    detail: { zh: '提出的条款与现在的完全相同', en: 'These are the very terms that stand' },
    remedy: {
      zh: '请改动用途、期限或次数；对现在的条款没有意见，就同意或接受',
      en: 'Change purpose, term or number of pulls; to have the terms as they are, consent or accept',
    },
  })
}

/** Attack: other words slipped in between reading and signing would be signed unread (threat I6). */
function requireSeen({ id }: StandingWords, seen: string | undefined): void {
  if (!(seen === undefined || seen === id))
    throw new Refusal('TERMS_MISMATCH', {
      words: id,
      detail: {
        zh: '对方在此期间提出了新的条款，请先阅读',
        en: 'The other side has offered other terms meanwhile: read them first',
      },
    })
}

export type Negotiation = ReturnType<typeof createNegotiation>

function saidOf({ request, dataset, state, path, agreement }: Story): Said {
  return { request, dataset, state, path, ...(agreement === null ? {} : { agreement }) }
}

/** May the node sign without asking a person? Only what a person here has said word for word. */
export function mayAdvance(
  story: Story,
  words: StandingWords,
  member: string,
): 'signAsConsumer' | 'signAsOwner' | 'takeOffer' | undefined {
  const isConsumer = story.consumer === member
  if (isConsumer && story.state === 'REQUESTED' && story.path === 'unconditional' && story.agreement === null)
    return 'takeOffer'
  // The last words are our own request, our own counter-request, or an offer that a person here accepted.
  if (isConsumer && story.state === 'AGREED' && (words.signer === member || words.accepted)) return 'signAsConsumer'
  // An offer of ours that was accepted as it is; with several owners each person speaks for itself.
  if (
    story.state === 'ACCEPTED' &&
    story.owners.length === 1 &&
    story.owners[0] === member &&
    words.signer === member &&
    words.accepted
  )
    return 'signAsOwner'
  return undefined
}
