import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** One pull this node serves, as stored; times in Unix seconds. */
export interface ServedPull {
  readonly pull: string
  readonly agreement: string
  readonly consumer: string
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly order_text: string
  readonly opened: number
  readonly touched: number
  readonly bytes: number
  readonly cut: 0 | 1
  readonly closed: number | null
  readonly delivery: string | null
  readonly delivery_text: string | null
  readonly acknowledgement: string | null
  readonly acknowledgement_text: string | null
  readonly outcome: string | null
}

/** A pull without its texts, for lists. */
export type ServedPullLine = Omit<ServedPull, 'order_text' | 'delivery_text' | 'acknowledgement_text'>

/** What opening a pull writes down. */
export type NewServedPull = Pick<
  ServedPull,
  'pull' | 'agreement' | 'consumer' | 'dataset' | 'version' | 'manifest' | 'order_text' | 'opened'
>

/**
 * Pulls served and the papers exchanged over them. Trusted: it decides how often a consumer may still pull.
 * Everything is synchronous, for use inside one `commit` job.
 */
export type ServedPulls = ReturnType<typeof createServedPulls>

export function createServedPulls(db: OpenDatabase) {
  const insert = db.prepare<[NewServedPull]>(
    `INSERT INTO served_pulls (pull, agreement, consumer, dataset, version, manifest, order_text, opened, touched)
     VALUES (@pull, @agreement, @consumer, @dataset, @version, @manifest, @order_text, @opened, @opened)`,
  )
  const one = db.prepare<[string], ServedPull>('SELECT * FROM served_pulls WHERE pull = ?')
  const count = db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM served_pulls WHERE agreement = ?')
  const rested = db.prepare<[string, number], ServedPull>(
    'SELECT * FROM served_pulls WHERE agreement = ? AND acknowledgement IS NULL AND touched <= ? ORDER BY opened LIMIT 1',
  )
  const overdue = db.prepare<[number], ServedPull>(
    'SELECT * FROM served_pulls WHERE closed IS NULL AND opened <= ? ORDER BY opened LIMIT 100',
  )
  const add = db.prepare('UPDATE served_pulls SET bytes = bytes + ?, touched = max(touched, ?) WHERE pull = ?')
  const touch = db.prepare('UPDATE served_pulls SET touched = max(touched, ?), cut = 0 WHERE pull = ?')
  const mark = db.prepare('UPDATE served_pulls SET cut = 1 WHERE pull = ?')
  const end = db.prepare(
    'UPDATE served_pulls SET closed = ?, delivery = ?, delivery_text = ? WHERE pull = ? AND closed IS NULL',
  )
  const answer = db.prepare(
    'UPDATE served_pulls SET acknowledgement = ?, acknowledgement_text = ?, outcome = ? WHERE pull = ? AND acknowledgement IS NULL',
  )
  const page = db.prepare<[], ServedPullLine>(
    `SELECT pull, agreement, consumer, dataset, version, manifest, opened, touched, bytes, cut, closed, delivery, acknowledgement, outcome
     FROM served_pulls ORDER BY opened, rowid`,
  )
  const jtiOf = db.prepare<[string, string], { document: string }>(
    'SELECT document FROM received_jtis WHERE signer = ? AND jti = ?',
  )
  const addJti = db.prepare('INSERT INTO received_jtis (signer, jti, document) VALUES (?, ?, ?)')

  return {
    add: (row: NewServedPull): void => void insert.run(row),
    find: (pull: string): ServedPull | undefined => one.get(pull),
    /** Pulls ever opened under an agreement: each counts once, at opening. */
    countOf: (agreement: string): number => (count.get(agreement) as { n: number }).n,
    /** The oldest pull of the agreement that nobody acknowledged and nothing touched since `before`. */
    findRested: (agreement: string, before: number): ServedPull | undefined => rested.get(agreement, before),
    /** Open pulls opened at or before this moment. */
    openedBefore: (before: number): ServedPull[] => overdue.all(before),
    /** Content that left; also says that the pull is alive at `now`. */
    addBytes: (pull: string, bytes: number, now: number): void => void add.run(bytes, now, pull),
    /** A request for content, before it is answered. */
    touch: (pull: string, now: number): void => void touch.run(now, pull),
    markCut: (pull: string): void => void mark.run(pull),
    /** Closes once; says whether it was this call that did. */
    close: (pull: string, closed: number, delivery: { id: string; text: string }): boolean =>
      end.run(closed, delivery.id, delivery.text, pull).changes === 1,
    acknowledge: (pull: string, { id, text }: { id: string; text: string }, outcome: string): boolean =>
      answer.run(id, text, outcome, pull).changes === 1,
    list: (): ServedPullLine[] => page.all(),
    /** The document first seen under this jti, or undefined. */
    findJti: (signer: string, jti: string): string | undefined => jtiOf.get(signer, jti)?.document,
    addJti: (signer: string, jti: string, document: string): void => void addJti.run(signer, jti, document),
  }
}
