import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** The newest list of one CA of ours; times are Unix seconds. */
export interface CrlRow {
  readonly issuer: string
  readonly number: number
  readonly der: Buffer
  readonly issued: number
  readonly nextUpdate: number
}

/** CRLs for outsiders, by SHA-256 of their issuer's public key. */
export type Crls = ReturnType<typeof createCrls>

/** Over table `crls`; `replace` inside the caller's transaction. */
export function createCrls(db: OpenDatabase) {
  const byIssuer = db.prepare<[string], CrlRow>(
    'SELECT issuer, number, der, issued, next_update AS nextUpdate FROM crls WHERE issuer = ?',
  )
  const all = db.prepare<[], CrlRow>(
    'SELECT issuer, number, der, issued, next_update AS nextUpdate FROM crls ORDER BY issuer',
  )
  const upsert = db.prepare<[CrlRow]>(
    `INSERT INTO crls (issuer, number, der, issued, next_update) VALUES (@issuer, @number, @der, @issued, @nextUpdate)
     ON CONFLICT (issuer) DO UPDATE SET number = excluded.number, der = excluded.der, issued = excluded.issued,
       next_update = excluded.next_update WHERE excluded.number > crls.number`,
  )
  return {
    find: (issuer: string): CrlRow | undefined => byIssuer.get(issuer),
    all: (): CrlRow[] => all.all(),
    replace: (row: CrlRow): void => void upsert.run(row),
  }
}
