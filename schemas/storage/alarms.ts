import { newJti, sha256 } from '../hash.ts'
import type { Text } from '../refusals/entry.ts'
import type { OpenDatabase } from './open-database.ts'

/** Something for people to look at; `since` is Unix seconds. */
export interface AlarmRow {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly since: number
  readonly summary: Text
}

/** Alarms that stand; the same kind and subject stands once. */
export type Alarms = ReturnType<typeof createAlarms>

/** Over table `alarms` of migration 001 of either server; changes inside the caller's transaction. */
export function createAlarms(db: OpenDatabase) {
  const standing = db.prepare<[], Omit<AlarmRow, 'summary'> & { summary: string }>(
    'SELECT id, kind, subject, since, summary FROM alarms WHERE ended IS NULL ORDER BY since, id',
  )
  const insert = db.prepare<[string, string, string, number, string]>(
    'INSERT INTO alarms (id, kind, subject, since, summary) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const end = db.prepare<[number, string, string], { summary: string }>(
    'UPDATE alarms SET ended = ? WHERE kind = ? AND subject = ? AND ended IS NULL RETURNING summary',
  )
  const one = db.prepare<[string, string], { n: number }>(
    'SELECT count(*) AS n FROM alarms WHERE kind = ? AND subject = ? AND ended IS NULL',
  )
  return {
    standing: (): AlarmRow[] => standing.all().map((row) => ({ ...row, summary: JSON.parse(row.summary) as Text })),
    stands: (kind: string, subject: string): boolean => (one.get(kind, subject) as { n: number }).n > 0,
    /** Id of the new alarm; undefined where this kind and subject stands already. */
    raise({ kind, subject, since, summary }: Omit<AlarmRow, 'id'>): string | undefined {
      const id = sha256(`${kind} ${subject} ${newJti()}`)
      return insert.run(id, kind, subject, since, JSON.stringify(summary)).changes === 1 ? id : undefined
    },
    /** What the ended alarm said; undefined where none stood. */
    end(kind: string, subject: string, now: number): Text | undefined {
      const ended = end.get(now, kind, subject)
      return ended === undefined ? undefined : (JSON.parse(ended.summary) as Text)
    },
  }
}
