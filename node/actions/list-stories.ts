import { parseDocument } from '#schemas/document.ts'
import { makeProof, type Paper, type ProofMaterial } from '#schemas/proof.ts'
import type { KnownAgreements } from '../exchange-deps.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'
import { pickByAgreement } from './pick-story.ts'
import { standingWords } from './standing-words.ts'

interface Deps {
  readonly member: string
  readonly stories: Stories
  readonly papers: Papers
  readonly agreements: KnownAgreements
  readonly proofMaterial: () => ProofMaterial
}

/** `hanghui node requests`: newest last, with the words that stand and, where somebody said no, why. */
export function listRequests(
  { member, stories, papers }: Deps,
  { incoming, outgoing }: { readonly incoming?: boolean | undefined; readonly outgoing?: boolean | undefined },
): object[] {
  const both = incoming === outgoing
  return stories
    .list()
    .filter(({ consumer }) => both || (incoming === true ? consumer !== member : consumer === member))
    .map((story) => {
      const { terms, offer } = standingWords(papers, story.request)
      const reason = reasonOf(papers, story)
      return {
        request: story.request,
        dataset: story.dataset,
        consumer: story.consumer,
        state: story.state,
        path: story.path,
        ...terms,
        offer,
        cause: story.cause,
        ...(reason === undefined ? {} : { reason }),
        ...(story.agreement === null ? {} : { agreement: story.agreement }),
      }
    })
}

/** The words of whoever refused, or of the operator who did. */
function reasonOf(papers: Papers, { request, cause }: Story): string | undefined {
  if (cause === null) return undefined
  const all = papers.ofStory(request)
  const refusal = all.findLast(({ kind }) => kind === 'refusal')
  if (refusal !== undefined) return parseDocument('refusal', refusal.text).payload.reason
  const change = all.findLast(({ kind }) => kind === 'agreement-change')
  if (change !== undefined) return parseDocument('agreement-change', change.text).payload.reason
  const decision = all.findLast(({ kind }) => kind === 'decision')
  return decision === undefined ? undefined : parseDocument('decision', decision.text).payload.by.at(-1)?.reason
}

/** `hanghui node agreements [ID]`, with proof files on demand. */
export function listAgreements(deps: Deps, id: string | undefined, proofs: boolean): object[] {
  const { stories, papers, agreements } = deps
  const chosen = id === undefined ? stories.list() : [pickByAgreement(stories, id)]
  return chosen.flatMap((story) => {
    const record = story.agreement === null ? undefined : agreements.find(story.agreement)
    if (record === undefined) return []
    const { terms, consumer, dataset, owners, sharing } = record.payload
    const reason = reasonOf(papers, story)
    return [
      {
        id: record.id,
        agreement: record.id,
        request: story.request,
        dataset,
        consumer,
        owner: dataset.slice(0, 18),
        owners,
        sharing,
        state: record.state,
        cause: record.cause,
        suspendedBy: story.suspendedBy,
        ...terms,
        ...(reason === undefined ? {} : { reason }),
        ...(proofs ? { proofFile: proveAgreement(deps, story) } : {}),
      },
    ]
  })
}

/** Protocol 7: the agreement with everything said about it. */
function proveAgreement({ papers, proofMaterial }: Deps, story: Story): string {
  const all = papers.ofStory(story.request)
  const main = all.find(({ id }) => id === story.agreement)
  if (main === undefined) throw new Error('an agreement has its paper')
  const related: Paper[] = all.filter(({ id }) => id !== main.id).map(({ kind, text }) => ({ kind, document: text }))
  return makeProof({ kind: 'agreement', document: main.text }, related.slice(-64), proofMaterial())
}
