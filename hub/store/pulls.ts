import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** One pull as both sides filed it; document fields are ids. `pull` is the id of its order. */
export interface PullRow {
  readonly pull: string
  readonly request: string
  readonly dataset: string
  readonly version: number | null
  readonly pullOrder: string | null
  readonly delivery: string | null
  readonly acknowledgement: string | null
  /** Content bytes as the owner states them; until then as the consumer does. */
  readonly bytes: number
  /** Bytes that public figures count; null as long as order and delivery do not both stand, one for the other. */
  readonly counted: number | null
  /** Journal number of the last filing. */
  readonly changed: number
}

/** Counts for everyone: no counterparty. */
export interface DatasetUse {
  readonly dataset: string
  readonly pulls: number
  readonly bytes: number
}

const COLUMNS =
  'pull, request, dataset, version, pull_order AS pullOrder, delivery, acknowledgement, bytes, counted, changed'
/** What either side alone says: shown to operators and the parties. */
const CLAIMED = 'delivery IS NOT NULL OR acknowledgement IS NOT NULL'
/** What both sides say counts as a use for everybody. `total` and not `sum`, which fails beyond 64 bits. */
const USE = 'count(*) AS pulls, total(counted) AS bytes FROM pulls'
const USED = 'counted IS NOT NULL'

/** Pulls as filed. Trusted for statistics and for handing parties their own receipts back. */
export type Pulls = ReturnType<typeof createPulls>

/** Over table `pulls`; changes inside the caller's transaction. */
export function createPulls(db: OpenDatabase) {
  const byPull = db.prepare<[string], PullRow>(`SELECT ${COLUMNS} FROM pulls WHERE pull = ?`)
  const ofMember = db.prepare<[string, number, number], PullRow>(
    `SELECT ${COLUMNS} FROM pulls JOIN parties USING (request) WHERE member = ? AND changed > ? ORDER BY changed LIMIT ?`,
  )
  const useOfRequest = db.prepare<[string], { pulls: number; bytes: number }>(
    `SELECT count(*) AS pulls, total(bytes) AS bytes FROM pulls WHERE request = ? AND (${CLAIMED})`,
  )
  const put = db.prepare<[PullRow]>(
    `INSERT INTO pulls (pull, request, dataset, version, pull_order, delivery, acknowledgement, bytes, counted, changed)
     VALUES (@pull, @request, @dataset, @version, @pullOrder, @delivery, @acknowledgement, @bytes, @counted, @changed)
     ON CONFLICT (pull) DO UPDATE SET version = excluded.version, pull_order = excluded.pull_order, delivery = excluded.delivery,
       acknowledgement = excluded.acknowledgement, bytes = excluded.bytes, counted = excluded.counted, changed = excluded.changed`,
  )
  const bothFiled = db.prepare<[string, number], PullRow>(
    `SELECT ${COLUMNS} FROM pulls WHERE dataset = ? AND version = ? AND pull_order IS NOT NULL AND delivery IS NOT NULL`,
  )
  const usedOf = db.prepare<[string], { pulls: number }>(
    `SELECT count(*) AS pulls FROM pulls WHERE dataset = ? AND ${USED}`,
  )
  const useOf = db.prepare<[string], { pulls: number; bytes: number }>(`SELECT ${USE} WHERE dataset = ? AND ${USED}`)
  const totals = db.prepare<[], { pulls: number; bytes: number }>(`SELECT ${USE} WHERE ${USED}`)
  const uses = db.prepare<[], DatasetUse>(`SELECT dataset, ${USE} WHERE ${USED} GROUP BY dataset ORDER BY dataset`)
  const received = db.prepare<[], { member: string; pulls: number; bytes: number }>(
    `SELECT consumer AS member, ${USE} JOIN agreements USING (request)
     WHERE ${USED} GROUP BY consumer ORDER BY consumer`,
  )
  const days = db.prepare<[], { day: string; pulls: number; bytes: number }>(
    `SELECT date(time, '+8 hours') AS day, ${USE} JOIN journal ON seq = changed
     WHERE ${USED} GROUP BY day ORDER BY day`,
  )

  return {
    find: (pull: string): PullRow | undefined => byPull.get(pull),
    save: (row: PullRow): void => void put.run(row),
    ofMember: (member: string, since: number, limit: number): PullRow[] => ofMember.all(member, since, limit),
    /** Pulls of a version with the order and a delivery. */
    bothFiled: (dataset: string, version: number): PullRow[] => bothFiled.all(dataset, version),
    /** Pulls and bytes under one agreement, as either side states them. */
    useOfRequest: (request: string) => useOfRequest.get(request) as { pulls: number; bytes: number },
    /** How often a dataset was pulled. */
    countOf: (dataset: string): number => (usedOf.get(dataset) as { pulls: number }).pulls,
    /** Pulls and bytes of one dataset. */
    useOf: (dataset: string) => useOf.get(dataset) as { pulls: number; bytes: number },
    uses: (): DatasetUse[] => uses.all(),
    /** What each member received, from whomever. */
    received: () => received.all(),
    /** Pulls and bytes by the day (Beijing time) on which their last receipt was filed. */
    days: () => days.all(),
    /** Pulls and bytes of all datasets together. */
    totals: () => totals.get() as { pulls: number; bytes: number },
  }
}
