import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { Kind, Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import { type ShownDocument, showDocument } from '#schemas/show-document.ts'
import type { Status } from '#schemas/status-list.ts'
import type { Cause, State } from '#schemas/transitions.ts'
import type { Exchange } from '../exchange.ts'
import { pickId } from '../pick-id.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { endOverdue } from './end-overdue.ts'
import { entryPayload } from './read-entry.ts'
import { standingTerms } from './receive-answer.ts'

/** A member as pages name it. `standing` is null for one that the directory does not list. */
export interface PartyName {
  readonly id: string
  readonly name: string
  readonly class: string | null
  readonly standing: Status | null
}

/** An agreement in a list. Times are RFC 3339. */
export interface ListedAgreement {
  /** The agreement's id, else the request's. */
  readonly id: string
  readonly dataset: string
  readonly title: Text
  /** Its owner has taken it back: nothing can be pulled, whatever the agreement's state. */
  readonly withdrawn: boolean
  readonly consumer: PartyName
  readonly owners: readonly PartyName[]
  readonly state: State
  readonly cause: Cause | null
  readonly path: AgreementRow['path']
  readonly sensitive: boolean
  readonly until: string
  readonly changed: number
}

/** An operator's yes that is kept, whether or not it was enough. */
export interface ShownApproval {
  readonly operator: string
  readonly via: 'certificate' | 'link' | 'control'
  readonly at: string
  readonly reason: string
}

/** One agreement whole: what an approver must see before deciding. */
export interface ShownAgreement extends ListedAgreement {
  readonly request: string
  readonly agreement: string | null
  readonly terms: Terms
  readonly entry: { readonly id: string; readonly payload: ReturnType<typeof entryPayload> }
  readonly verified: string | null
  readonly lapses: string
  readonly endedBy: string | null
  readonly suspendedBy: readonly string[]
  readonly approvals: readonly ShownApproval[]
  readonly use: { readonly pulls: number; readonly bytes: number }
  /** In the order in which they came; `stored` is when the hub received or wrote it. */
  readonly documents: readonly (ShownDocument & { readonly member: string; readonly stored: string })[]
}

/** One agreement or request by its id or the beginning of it. */
export async function showAgreement(x: Exchange, typed: string): Promise<ShownAgreement> {
  await endOverdue(x)
  const id = pickId(typed, x.agreements.idsLike(typed))
  const row = x.agreements.findByAgreement(id) ?? x.agreements.findByRequest(id)
  if (row === undefined) throw new Refusal('AGREEMENT_UNKNOWN', { agreement: id })
  const signerOf = (thumbprint: string) => {
    const found = x.findArchived(thumbprint)
    return found === undefined ? hubName(x) : partyName(x, found.member).name
  }
  return {
    ...listed(x, row),
    request: row.request,
    agreement: row.agreement,
    // What is decided on is what was signed, not what the row remembers (threat I6).
    terms: row.agreement === null ? standingTerms(x, row) : signedTerms(x, row.agreement),
    entry: { id: row.entry, payload: entryPayload(x, row.entry) },
    verified: row.verified === null ? null : toRfc3339(row.verified),
    lapses: toRfc3339(row.lapses),
    endedBy: row.endedBy,
    suspendedBy: [...x.standings.suspendedBy(row.request)],
    approvals: x.standings
      .approvals(row.request)
      .map(({ operator, via, at, reason }) => ({ operator, via, at: toRfc3339(at), reason })),
    use: x.pulls.useOfRequest(row.request),
    documents: documentsOf(x, row).map(({ kind, text, member, stored }) => ({
      ...showDocument(kind, text, signerOf),
      member: member === 'hub' ? hubName(x) : partyName(x, member).name,
      stored: toRfc3339(stored),
    })),
  }
}

function signedTerms(x: Exchange, agreement: string): Terms {
  return parseDocument('agreement', x.documents.get(agreement).text).payload.terms
}

/** The agreement itself may have been kept under the request of another draft; it is shown once. */
function documentsOf(x: Exchange, row: AgreementRow): { kind: Kind; text: string; member: string; stored: number }[] {
  const story = x.documents.ofRequest(row.request)
  const ids = new Set(story.map(({ id }) => id))
  const missing = [row.request, ...(row.agreement === null ? [] : [row.agreement])].filter((id) => !ids.has(id))
  return [...missing.map((id) => x.documents.get(id)), ...story].sort((a, b) => a.stored - b.stored)
}

/** Agreements and requests, latest change first, by page; `next` is null at the end. */
export async function listAgreements(
  x: Exchange,
  { state, member, before, limit }: { state?: State; member?: string; before?: number; limit: number },
): Promise<{ items: ListedAgreement[]; next: number | null; counts: Partial<Record<State, number>> }> {
  await endOverdue(x)
  const rows = x.agreements.recent({
    before: before ?? Number.MAX_SAFE_INTEGER,
    state: state ?? null,
    member: member ?? null,
    limit,
  })
  const counts = Object.fromEntries(x.agreements.countByState().map((one) => [one.state, one.agreements]))
  const last = rows.at(-1)
  const next = rows.length < limit || last === undefined ? null : last.changed
  return { items: rows.map((row) => listed(x, row)), next, counts }
}

function listed(x: Exchange, row: AgreementRow): ListedAgreement {
  const owners = x.agreements.parties(row.request).filter(({ role }) => role === 'owner')
  const { zh, en = '' } = entryPayload(x, row.entry).meta.title
  return {
    id: row.agreement ?? row.request,
    dataset: row.dataset,
    title: { zh, en },
    withdrawn: x.entries.line(row.dataset, 1)[0]?.kind === 'tombstone',
    consumer: partyName(x, row.consumer),
    owners: owners.map(({ member }) => partyName(x, member)),
    state: row.state,
    cause: row.cause,
    path: row.path,
    sensitive: row.sensitive === 1,
    until: toRfc3339(row.until),
    changed: row.changed,
  }
}

function partyName(x: Exchange, id: string): PartyName {
  const found = x.trust.findMember(id)
  return { id, name: found?.name ?? id, class: found?.class ?? null, standing: found?.standing ?? null }
}

function hubName(x: Exchange): string {
  return x.trust.directory()?.payload.hub.name ?? 'hub'
}
