import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Unix seconds of the newest directory or status list of this hub; 0 before the first. */
export function lastSigned(db: OpenDatabase): number {
  const select = db.prepare<[], { signed: number | null }>(
    'SELECT max(issued) AS signed FROM (SELECT max(issued) AS issued FROM directories UNION ALL SELECT max(issued) FROM status_list)',
  )
  return select.get()?.signed ?? 0
}
