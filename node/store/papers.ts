import type { Kind } from '#schemas/kinds.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A verified document, kept as evidence. `iat` in Unix seconds. */
export interface PaperRow {
  readonly id: string
  readonly kind: Kind
  /** The request whose story it belongs to. */
  readonly story: string | null
  /** Member or `hub`; of several who signed first. */
  readonly signer: string
  readonly iat: number
  readonly text: string
}

/** Verified documents of others and our own. Trusted: what lies here was verified when it came and is not verified again. */
export type Papers = ReturnType<typeof createPapers>

/** Over table `papers`; changes inside the caller's transaction. */
export function createPapers(db: OpenDatabase) {
  const columns = 'id, kind, story, signer, iat, text'
  const upsert = db.prepare<[PaperRow]>(
    `INSERT INTO papers (${columns}) VALUES (@id, @kind, @story, @signer, @iat, @text)
     ON CONFLICT (id) DO UPDATE SET text = excluded.text`,
  )
  const one = db.prepare<[string], PaperRow>(`SELECT ${columns} FROM papers WHERE id = ?`)
  const ofStory = db.prepare<[string], PaperRow>(`SELECT ${columns} FROM papers WHERE story = ? ORDER BY position`)

  const ofKind = db.prepare<[Kind], PaperRow>(`SELECT ${columns} FROM papers WHERE kind = ? ORDER BY position`)
  const remove = db.prepare<[string]>('DELETE FROM papers WHERE id = ?')

  return {
    /** A document of ours that the hub refused, so that it stands nowhere. */
    drop: (id: string): void => void remove.run(id),
    /** The same id again replaces the text: an agreement gains signatures. */
    keep: (row: PaperRow): void => void upsert.run(row),
    find: (id: string): PaperRow | undefined => one.get(id),
    /** In the order in which they came. */
    ofStory: (request: string): PaperRow[] => ofStory.all(request),
    ofKind: (kind: Kind): PaperRow[] => ofKind.all(kind),
  }
}
