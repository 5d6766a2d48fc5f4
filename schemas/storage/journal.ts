import { randomBytes } from 'node:crypto'
import { toBase64url } from '../base64url.ts'
import type { Clock } from '../clock.ts'
import type { OpenDatabase } from './open-database.ts'

/** One change: what kind of document, its hash (hex), a salt that keeps a public tree from telling small facts, when (RFC 3339). */
export interface JournalRow {
  readonly seq: number
  readonly kind: string
  readonly hash: string
  readonly salt: string
  readonly time: string
}

/** Protocol 8: one row per change, in the change's own transaction; events, audit and the later log read it. */
export type Journal = ReturnType<typeof createJournal>

/** Over table `journal` of migration 001 of either server. */
export function createJournal(db: OpenDatabase, clock: Pick<Clock, 'stamp'>) {
  const insert = db.prepare('INSERT INTO journal (kind, hash, salt, time) VALUES (?, ?, ?, ?)')
  const rowsAfter = db.prepare<[number, number], JournalRow>(
    'SELECT seq, kind, hash, salt, time FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const last = db.prepare<[], { seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM journal')
  return {
    /** Inside the caller's transaction only, or a crash could leave a change nobody hears of. Returns its seq. */
    append(kind: string, hash: string): number {
      if (!db.inTransaction) throw new Error('journal rows belong to the transaction of their change')
      return Number(insert.run(kind, hash, toBase64url(randomBytes(16)), clock.stamp()).lastInsertRowid)
    },
    /** Rows with a greater seq, oldest first. */
    after: (seq: number, limit: number): JournalRow[] => rowsAfter.all(seq, limit),
    /** Seq of the newest row; 0 when there is none. */
    newest: (): number => (last.get() as { seq: number }).seq,
  }
}
