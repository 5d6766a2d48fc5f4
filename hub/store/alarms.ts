import type { Text } from '#schemas/refusals/entry.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Something for people to look at; `since` is Unix seconds. */
export interface AlarmRow {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly since: number
  readonly summary: Text
}

/** Alarms that stand. */
export type Alarms = ReturnType<typeof createAlarms>

/** Over table `alarms`; changes inside the caller's transaction. */
export function createAlarms(db: OpenDatabase) {
  const standing = db.prepare<[], Omit<AlarmRow, 'summary'> & { summary: string }>(
    'SELECT id, kind, subject, since, summary FROM alarms WHERE ended IS NULL ORDER BY since, id',
  )
  const insert = db.prepare<[string, string, string, number, string]>(
    'INSERT INTO alarms (id, kind, subject, since, summary) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const end = db.prepare<[number, string, string]>(
    'UPDATE alarms SET ended = ? WHERE kind = ? AND subject = ? AND ended IS NULL',
  )
  return {
    standing: (): AlarmRow[] => standing.all().map((row) => ({ ...row, summary: JSON.parse(row.summary) as Text })),
    /** Whether it is new: the same kind and subject stands once. */
    raise: ({ id, kind, subject, since, summary }: AlarmRow): boolean =>
      insert.run(id, kind, subject, since, JSON.stringify(summary)).changes === 1,
    /** Whether there was one to end. */
    end: (kind: string, subject: string, now: number): boolean => end.run(now, kind, subject).changes > 0,
  }
}
