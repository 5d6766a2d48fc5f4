import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A root document as the hub hands it out; `accepted` is Unix seconds. */
export interface RootRow {
  readonly version: number
  readonly id: string
  readonly text: string
  readonly accepted: number
}

/** The line of roots. Not trusted: it is verified from its first fingerprint at every start. */
export type Roots = ReturnType<typeof createRoots>

/** Over table `roots`; `add` inside the caller's transaction. */
export function createRoots(db: OpenDatabase) {
  const all = db.prepare<[], RootRow>('SELECT version, id, text, accepted FROM roots ORDER BY version')
  const insert = db.prepare<[RootRow]>(
    'INSERT INTO roots (version, id, text, accepted) VALUES (@version, @id, @text, @accepted)',
  )
  return {
    all: (): RootRow[] => all.all(),
    add: (row: RootRow): void => void insert.run(row),
  }
}
