import type { Grant } from '#schemas/kinds.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A grant of ours as stored: `holder` is the TLS certificate it is bound to (hex), `iat` and `exp` in Unix seconds. */
export interface StoredGrant {
  readonly jti: string
  readonly agreement: string
  readonly holder: string
  readonly iat: number
  readonly exp: number
  readonly text: string
}

/** Grants this node holds. Worth nothing without the key of the certificate they are bound to. */
export type Grants = ReturnType<typeof createGrants>

export function createGrants(db: OpenDatabase) {
  const insert = db.prepare(
    'INSERT INTO grants (jti, agreement, holder, iat, exp, text) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (jti) DO NOTHING',
  )
  const newest = db.prepare<[string, string, number], StoredGrant>(
    'SELECT * FROM grants WHERE agreement = ? AND holder = ? AND exp > ? ORDER BY exp DESC, iat DESC LIMIT 1',
  )
  const last = db.prepare<[string], StoredGrant>(
    'SELECT * FROM grants WHERE agreement = ? ORDER BY exp DESC, iat DESC LIMIT 1',
  )
  const prune = db.prepare('DELETE FROM grants WHERE exp <= ?')

  return {
    add: (grant: Pick<Grant, 'jti' | 'agreement' | 'iat' | 'exp'>, holder: string, text: string): void =>
      void insert.run(grant.jti, grant.agreement, holder, grant.iat, grant.exp, text),
    /** The one for this certificate that runs longest and still runs at `now`. */
    findRunning: (agreement: string, holder: string, now: number): StoredGrant | undefined =>
      newest.get(agreement, holder, now),
    /** The newest one at all, run out or not. */
    findLast: (agreement: string): StoredGrant | undefined => last.get(agreement),
    prune: (before: number): void => void prune.run(before),
  }
}
