import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A receipt still to be filed at the hub. */
export interface Filing {
  readonly seq: number
  readonly document: string
  readonly kind: string
  readonly text: string
}

/** What is on its way to the hub; a row is written in the transaction of its document and goes when the hub has it. */
export type Filings = ReturnType<typeof createFilings>

export function createFilings(db: OpenDatabase) {
  const insert = db.prepare(
    'INSERT INTO filings (document, kind, text) VALUES (?, ?, ?) ON CONFLICT (document) DO NOTHING',
  )
  const next = db.prepare<[number, number], Filing>(
    'SELECT seq, document, kind, text FROM filings WHERE filed IS NULL AND seq > ? ORDER BY seq LIMIT ?',
  )
  const done = db.prepare('UPDATE filings SET filed = ? WHERE document = ? AND filed IS NULL')
  const open = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM filings WHERE filed IS NULL')

  return {
    add: (kind: string, { id, text }: { id: string; text: string }): void => void insert.run(id, kind, text),
    /** Not yet filed, after `seq`, oldest first. */
    next: (seq: number, limit: number): Filing[] => next.all(seq, limit),
    markFiled: (document: string, now: number): void => void done.run(now, document),
    countOpen: (): number => (open.get() as { n: number }).n,
  }
}
