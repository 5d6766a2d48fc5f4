import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Cause, State } from '#schemas/transitions.ts'

/** An agreement from request to end. Times are Unix seconds. */
export interface AgreementRow {
  readonly request: string
  readonly agreement: string | null
  readonly dataset: string
  readonly entry: string
  readonly consumer: string
  readonly path: 'unconditional' | 'conditional'
  readonly sensitive: 0 | 1
  readonly state: State
  readonly cause: Cause | null
  /** Member or `hub` whose word ended it. */
  readonly endedBy: string | null
  /** The request or offer whose terms stand. */
  readonly words: string
  readonly until: number
  readonly lapses: number
  readonly verified: number | null
  /** Place in the status list, from FINALIZED on. */
  readonly place: number | null
  /** Journal number of the last change. */
  readonly changed: number
}

/** Who takes part, and as what. */
export interface PartyRow {
  readonly member: string
  readonly role: 'consumer' | 'owner'
}

const COLUMNS =
  'request, agreement, dataset, entry, consumer, path, sensitive, state, cause, ended_by AS endedBy, words, until, lapses, verified, place, changed'

/** Agreements and requests. Trusted: the state here is what the hub grants on; rows change by the transition table only. */
export type Agreements = ReturnType<typeof createAgreements>

/** Over tables `agreements` and `parties`; changes inside the caller's transaction. */
export function createAgreements(db: OpenDatabase) {
  const select = <P extends unknown[]>(rest: string) =>
    db.prepare<P, AgreementRow>(`SELECT ${COLUMNS} FROM agreements ${rest}`)
  const byRequest = select<[string]>('WHERE request = ?')
  const byAgreement = select<[string]>('WHERE agreement = ?')
  const ofMember = select<[string, number, number]>(
    'JOIN parties USING (request) WHERE member = ? AND changed > ? ORDER BY changed LIMIT ?',
  )
  const page = select<[number, number]>('WHERE changed > ? ORDER BY changed LIMIT ?')
  const recent = select<[{ before: number; state: string | null; member: string | null; limit: number }]>(
    `WHERE changed < @before AND (@state IS NULL OR state = @state)
       AND (@member IS NULL OR request IN (SELECT request FROM parties WHERE member = @member))
     ORDER BY changed DESC LIMIT @limit`,
  )
  const counts = db.prepare<[], { state: State; agreements: number }>(
    'SELECT state, count(*) AS agreements FROM agreements GROUP BY state',
  )
  const inState = select<[string]>('WHERE state = ? ORDER BY verified, changed')
  const overdue = select<{ now: number }[]>(
    `WHERE (state IN ('FINALIZED', 'SUSPENDED') AND until <= @now)
        OR (state NOT IN ('FINALIZED', 'SUSPENDED', 'TERMINATED') AND lapses <= @now) LIMIT 500`,
  )
  const barring = db.prepare<[string, string], { found: 1 }>(
    `SELECT 1 AS found FROM agreements WHERE consumer = ? AND dataset = ? AND place IS NOT NULL
       AND (state = 'SUSPENDED' OR (state = 'TERMINATED' AND cause = 'terminated' AND ended_by <> consumer)) LIMIT 1`,
  )
  const onOpenOffer = select<[string, string]>(
    `WHERE consumer = ? AND dataset = ? AND path = 'unconditional' AND state IN ('FINALIZED', 'SUSPENDED') ORDER BY changed`,
  )
  const insert = db.prepare<[AgreementRow]>(
    `INSERT INTO agreements (request, agreement, dataset, entry, consumer, path, sensitive, state, cause, ended_by, words, until, lapses, verified, place, changed)
     VALUES (@request, @agreement, @dataset, @entry, @consumer, @path, @sensitive, @state, @cause, @endedBy, @words, @until, @lapses, @verified, @place, @changed)`,
  )
  const update = db.prepare<[AgreementRow]>(
    `UPDATE agreements SET agreement = @agreement, path = @path, state = @state, cause = @cause, ended_by = @endedBy, words = @words,
       until = @until, lapses = @lapses, verified = @verified, place = @place, changed = @changed WHERE request = @request`,
  )
  const insertParty = db.prepare<[string, string, string]>(
    'INSERT INTO parties (request, member, role) VALUES (?, ?, ?)',
  )
  const partiesOf = db.prepare<[string], PartyRow>(
    'SELECT member, role FROM parties WHERE request = ? ORDER BY role, member',
  )
  const matching = db.prepare<[{ from: string; to: string }], { id: string }>(
    `SELECT agreement AS id FROM agreements WHERE agreement >= @from AND agreement < @to
     UNION SELECT request FROM agreements WHERE request >= @from AND request < @to LIMIT 3`,
  )

  return {
    findByRequest: (request: string): AgreementRow | undefined => byRequest.get(request),
    findByAgreement: (agreement: string): AgreementRow | undefined => byAgreement.get(agreement),
    add(row: AgreementRow, owners: readonly string[]): void {
      insert.run(row)
      insertParty.run(row.request, row.consumer, 'consumer')
      for (const owner of owners) insertParty.run(row.request, owner, 'owner')
    },
    save: (row: AgreementRow): void => void update.run(row),
    /** A member's own, oldest change first. */
    ofMember: (member: string, since: number, limit: number): AgreementRow[] => ofMember.all(member, since, limit),
    page: (since: number, limit: number): AgreementRow[] => page.all(since, limit),
    /** Latest change first; of one state or one member where these are named. */
    recent: (query: { before: number; state: State | null; member: string | null; limit: number }): AgreementRow[] =>
      recent.all(query),
    countByState: () => counts.all(),
    inState: (state: State): AgreementRow[] => inState.all(state),
    /** Those whose end, or whose 30 days, have come. */
    overdue: (now: number): AgreementRow[] => overdue.all({ now }),
    /** Protocol 5.1: has this consumer an agreement on it suspended, or ended by owner or hub? */
    isBarred: (consumer: string, dataset: string): boolean => barring.get(consumer, dataset) !== undefined,
    /** What this consumer has on it by the open offer alone. */
    onOpenOffer: (consumer: string, dataset: string): AgreementRow[] => onOpenOffer.all(consumer, dataset),
    parties: (request: string): PartyRow[] => partiesOf.all(request),
    /** At most three ids of agreements and requests that begin with `prefix` (lower-case hex). */
    idsLike: (prefix: string): string[] => matching.all({ from: prefix, to: `${prefix}g` }).map(({ id }) => id),
  }
}
