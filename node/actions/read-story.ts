import { Refusal } from '#schemas/refusal.ts'
import type { VerifiedAgreement } from '#schemas/verify-agreement.ts'
import type { PaperRow, Papers } from '../store/papers.ts'
import type { Story } from '../store/stories.ts'
import type { StrandedChanges } from '../store/stranded-changes.ts'
import { settleStory, standingOf } from './settle-story.ts'
import type { Item } from './story-item.ts'
import type { PaperReader } from './verify-papers.ts'

interface Deps {
  readonly member: string
  /** Whose certificate it is, as far as we ever saw it. */
  readonly findMember: (thumbprint: string) => string | undefined
  readonly papers: Papers
  readonly reader: PaperReader
  readonly stranded: Pick<StrandedChanges, 'has'>
}

/** What a story amounts to, with the papers that prove it. */
export interface ReadStory {
  readonly story: Story
  readonly papers: readonly PaperRow[]
}

/**
 * Protocol 5.7, 5.9: reads a story by its documents. The hub's word alone can only take away: what makes an agreement run
 * are signatures, what stops it is any party's signature, ours at once and also before the hub has it.
 */
export function createReadStory({ member, papers, findMember, reader, stranded }: Deps) {
  return function readStory(item: Item, known: Story | undefined): ReadStory {
    const { documents } = item
    const request = reader.readPaper('request', documents.request, item)
    if (
      !(
        request.id === item.request &&
        request.payload.consumer === item.consumer &&
        request.payload.dataset === item.dataset
      )
    )
      throw misread('the request is the one named')
    const rows = [
      request.row,
      ...documents.offers.map((text) => reader.readPaper('offer', text, item).row),
      ...documents.consents.map((text) => reader.readPaper('consent', text, item).row),
      ...(documents.refusal === null ? [] : [reader.readPaper('refusal', documents.refusal, item).row]),
      ...(documents.decisions ?? []).map((text) => reader.readDecision(text, item)),
    ]
    const agreement = documents.agreement === null ? undefined : reader.readAgreement(documents.agreement, item)
    const heard = documents.changes.map((text) => reader.readPaper('agreement-change', text, item).row)
    const unheard = papers
      .ofStory(item.request)
      .filter(
        ({ kind, signer, id }) =>
          kind === 'agreement-change' && signer === member && !heard.some((one) => one.id === id),
      )
    const changes = [...heard, ...unheard.filter(({ id }) => !stranded.has(id))]
    const refused = unheard.filter(({ id }) => stranded.has(id))
    const standing = agreement === undefined ? undefined : standingOf(agreement, changes, refused, findMember)
    const story = settleStory({ item, agreement, standing, known, member })
    return { story, papers: [...rows, ...(agreement === undefined ? [] : [agreementRow(agreement, item)]), ...heard] }
  }
}

function misread(rule: string): Refusal {
  return new Refusal('PEER_MISBEHAVED', { rule })
}

function agreementRow({ id, text, payload, signers }: VerifiedAgreement, { request }: Item): PaperRow {
  return { id, kind: 'agreement', story: request, signer: [...signers.keys()][0] as string, iat: payload.iat, text }
}
