import type { Kind } from '#schemas/kinds.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A document on its way to the hub. */
export interface Parcel {
  readonly seq: number
  /** What must arrive in order: `dataset:…`, `agreement:…`, `request:…`, `sponsorship:…`. */
  readonly lane: string
  readonly path: string
  /** Key of the JSON body that the text goes under. */
  readonly field: string
  readonly kind: Kind
  /** Id of the document. */
  readonly document: string
  readonly text: string
}

/** What is still to be sent. Trusted: what lies here will be sent in our name. */
export type Outbox = ReturnType<typeof createOutbox>

/** Over table `outbox`; changes inside the caller's transaction. */
export function createOutbox(db: OpenDatabase) {
  const insert = db.prepare<[Omit<Parcel, 'seq'>]>(
    `INSERT INTO outbox (lane, path, field, kind, document, text)
     VALUES (@lane, @path, @field, @kind, @document, @text)`,
  )
  const lanes = db.prepare<[], { lane: string }>('SELECT lane FROM outbox GROUP BY lane ORDER BY min(seq)')
  const first = db.prepare<[string], Parcel>('SELECT * FROM outbox WHERE lane = ? ORDER BY seq LIMIT 1')
  const rest = db.prepare<[string], Parcel>('SELECT * FROM outbox WHERE lane = ? ORDER BY seq')
  const remove = db.prepare<[number]>('DELETE FROM outbox WHERE seq = ?')
  const update = db.prepare<[Parcel]>('UPDATE outbox SET document = @document, text = @text WHERE seq = @seq')
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM outbox')

  return {
    add: (parcel: Omit<Parcel, 'seq'>): number => Number(insert.run(parcel).lastInsertRowid),
    lanes: (): string[] => lanes.all().map(({ lane }) => lane),
    first: (lane: string): Parcel | undefined => first.get(lane),
    ofLane: (lane: string): Parcel[] => rest.all(lane),
    /** The document signed anew, at the place of the one before. */
    replace: (parcel: Parcel): void => void update.run(parcel),
    remove: (seq: number): void => void remove.run(seq),
    count: (): number => (count.get() as { n: number }).n,
  }
}
