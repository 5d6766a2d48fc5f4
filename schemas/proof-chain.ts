import type { Kind, Payload } from './kinds.ts'
import { Refusal } from './refusal.ts'
import type { VerifiedPaper } from './verify-paper.ts'

type Papers = readonly VerifiedPaper[]

/**
 * The papers of a proof belong to one story: each names those beside it that it answers, all speak of one dataset, and each is
 * signed by the party whose part it is. PROOF_INVALID; SIGNER_FORBIDDEN for one party's paper by another's hand.
 */
export function requireChained(papers: Papers): void {
  for (const paper of papers) {
    requireAnswers(paper, papers)
    requireAuthor(paper, papers)
  }
  const datasets = new Set(papers.map(({ payload }) => (payload as { dataset?: string }).dataset))
  datasets.delete(undefined)
  if (!(datasets.size <= 1)) throw new Refusal('PROOF_INVALID', { rule: 'all papers speak of one dataset' })
}

/** Which field of a paper names which kind beside it. */
const ANSWERS: { readonly [K in Kind]?: Readonly<Record<string, Kind>> } = {
  agreement: { request: 'request' },
  'agreement-change': { agreement: 'agreement' },
  offer: { request: 'request' },
  consent: { request: 'request' },
  refusal: { request: 'request' },
  'grant-request': { agreement: 'agreement' },
  grant: { agreement: 'agreement' },
  'pull-order': { agreement: 'agreement', manifest: 'manifest' },
  delivery: { order: 'pull-order', agreement: 'agreement', manifest: 'manifest' },
  acknowledgement: { order: 'pull-order', delivery: 'delivery', agreement: 'agreement', manifest: 'manifest' },
}

/** A paper of another pull or agreement, genuine in itself, would prove what never happened. */
function requireAnswers({ kind, payload }: VerifiedPaper, papers: Papers): void {
  for (const [field, answered] of Object.entries(ANSWERS[kind] ?? {})) {
    const named = (payload as Readonly<Record<string, unknown>>)[field]
    const beside = papers.filter((one) => one.kind === answered)
    if (typeof named === 'string' && beside.length > 0 && !beside.some(({ id }) => id === named))
      throw new Refusal('PROOF_INVALID', { rule: `${kind} names the ${answered} beside it` })
  }
  if (kind !== 'decision') return
  const { subject } = payload as Payload<'decision'>
  const beside = papers.filter((one) => one.kind === subject.kind)
  if (beside.length > 0 && !beside.some(({ id }) => id === subject.id))
    throw new Refusal('PROOF_INVALID', { rule: `the decision is about the ${subject.kind} beside it` })
}

/** Whose part a paper is stands in what it answers: an owner could otherwise acknowledge its own delivery. */
function requireAuthor({ kind, payload, signers }: VerifiedPaper, papers: Papers): void {
  const [author] = signers
  const may = authorsOf(kind, payload, papers)
  if (may === 'anybody' || author?.signer === 'hub') return
  if (may.length === 0) throw new Refusal('PROOF_INVALID', { rule: `beside the ${kind} lies what names its author` })
  if (!may.includes(author?.signer ?? '')) throw new Refusal('SIGNER_FORBIDDEN', { kind, member: author?.signer })
}

function authorsOf(kind: Kind, payload: VerifiedPaper['payload'], papers: Papers): readonly string[] | 'anybody' {
  switch (kind) {
    case 'acknowledgement':
      return orderOf(payload, papers).map(({ consumer }) => consumer)
    case 'grant-request':
      return agreementsOf(papers).map(({ consumer }) => consumer)
    case 'agreement-change':
      return agreementsOf(papers).flatMap(({ consumer, owners }) => [consumer, ...owners])
    case 'offer':
    case 'consent':
    case 'refusal':
      return partiesOf(papers)
    default:
      return 'anybody'
  }
}

function orderOf(payload: VerifiedPaper['payload'], papers: Papers): Payload<'pull-order'>[] {
  const { order } = payload as Payload<'acknowledgement'>
  return papers
    .filter(({ kind, id }) => kind === 'pull-order' && id === order)
    .map((one) => one.payload as Payload<'pull-order'>)
}

function agreementsOf(papers: Papers): Payload<'agreement'>[] {
  return papers.filter(({ kind }) => kind === 'agreement').map(({ payload }) => payload as Payload<'agreement'>)
}

/** The other owners of a JOINT dataset stand in the agreement or the catalog entry only. */
function partiesOf(papers: Papers): string[] {
  return papers.flatMap(({ kind, payload }) => {
    if (kind === 'agreement')
      return [(payload as Payload<'agreement'>).consumer, ...(payload as Payload<'agreement'>).owners]
    if (kind === 'catalog-entry') return (payload as Payload<'catalog-entry'>).owners
    if (kind !== 'request') return []
    const { consumer, dataset } = payload as Payload<'request'>
    return [consumer, dataset.slice(0, 18)]
  })
}
