import { toRfc3339 } from '#schemas/clock.ts'
import type { Cause, State } from '#schemas/transitions.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import type { KeptDocument } from '../store/documents.ts'

/** Protocol 5.8: everything said in one story, as texts that verify by themselves. */
export interface StoryDocuments {
  readonly request: string
  readonly offers: readonly string[]
  readonly consents: readonly string[]
  readonly refusal: string | null
  readonly agreement: string | null
  readonly changes: readonly string[]
  /** The hub's approval or refusal; `decisions` has its later ones too. */
  readonly decision: string | null
  readonly decisions: readonly string[]
}

/** Protocol 5.8: one request or agreement as its parties see it. */
export interface Item {
  readonly id: string
  readonly request: string
  readonly agreement: string | null
  readonly dataset: string
  readonly consumer: string
  readonly owners: readonly string[]
  readonly path: AgreementRow['path']
  readonly state: State
  readonly cause: Cause | null
  /** Members and `hub` whose suspension stands. */
  readonly suspendedBy: readonly string[]
  readonly until: string
  readonly changed: number
  readonly documents: StoryDocuments
}

/** A page; `next` is null at the end. `since` also takes an item's `changed`. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** Protocol 5.8: a member's own stories, oldest change first. `of` = agreements: only those that have one. */
export function listStories(
  x: Exchange,
  member: string,
  of: 'requests' | 'agreements',
  since: number,
  limit: number,
): Page<Item> {
  const rows = x.agreements.ofMember(member, since, limit)
  const shown = of === 'requests' ? rows : rows.filter(({ agreement }) => agreement !== null)
  const next = rows.length < limit ? null : String(rows.at(-1)?.changed)
  return { items: shown.map((row) => itemOf(x, row, of)), next }
}

/** One story with all its documents. */
export function itemOf(x: Exchange, row: AgreementRow, of: 'requests' | 'agreements'): Item {
  const parties = x.agreements.parties(row.request)
  return {
    id: of === 'agreements' ? (row.agreement ?? row.request) : row.request,
    request: row.request,
    agreement: row.agreement,
    dataset: row.dataset,
    consumer: row.consumer,
    owners: parties.filter(({ role }) => role === 'owner').map(({ member }) => member),
    path: row.path,
    state: row.state,
    cause: row.cause,
    suspendedBy: [...x.standings.suspendedBy(row.request)],
    until: toRfc3339(row.until),
    changed: row.changed,
    documents: documentsOf(x, row),
  }
}

function documentsOf(x: Exchange, row: AgreementRow): StoryDocuments {
  const kept = x.documents.ofRequest(row.request)
  const textsOf = (kind: KeptDocument['kind']) => kept.filter((one) => one.kind === kind).map(({ text }) => text)
  const decisions = textsOf('decision')
  return {
    request: x.documents.get(row.request).text,
    offers: textsOf('offer'),
    consents: textsOf('consent'),
    refusal: textsOf('refusal')[0] ?? null,
    agreement: row.agreement === null ? null : x.documents.get(row.agreement).text,
    changes: textsOf('agreement-change'),
    decision: decisions[0] ?? null,
    decisions,
  }
}
