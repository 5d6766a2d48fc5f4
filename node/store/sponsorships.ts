import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Our word for an affiliate. `until` is RFC 3339 or null for no end. Revoked without a revocation: a newer one took its place. */
export interface Sponsorship {
  readonly sponsorship: string
  readonly affiliate: string
  readonly until: string | null
  readonly revocation: string | null
  readonly state: 'queued' | 'standing' | 'revoking' | 'revoked' | 'refused'
}

/** Sponsorships this association has given; their texts are among the papers. */
export type Sponsorships = ReturnType<typeof createSponsorships>

/** Over table `sponsorships`; changes inside the caller's transaction. */
export function createSponsorships(db: OpenDatabase) {
  const insert = db.prepare<[Sponsorship]>(
    `INSERT INTO sponsorships (sponsorship, affiliate, until, revocation, state)
     VALUES (@sponsorship, @affiliate, @until, @revocation, @state)`,
  )
  const standing = db.prepare<[string], Sponsorship>(
    `SELECT * FROM sponsorships WHERE affiliate = ? AND state IN ('queued', 'standing') ORDER BY rowid DESC LIMIT 1`,
  )
  const setState = db.prepare<[string, string, string]>(
    'UPDATE sponsorships SET state = ? WHERE sponsorship = ? OR revocation = ?',
  )
  const supersede = db.prepare<[string]>(
    `UPDATE sponsorships AS older SET state = 'revoked' FROM sponsorships AS newer
     WHERE newer.sponsorship = ? AND older.affiliate = newer.affiliate AND older.rowid < newer.rowid
       AND older.state IN ('queued', 'standing')`,
  )
  const revoke = db.prepare<[string, string]>(
    `UPDATE sponsorships SET revocation = ?, state = 'revoking' WHERE sponsorship = ?`,
  )
  const rename = db.prepare<{ before: string; after: string }>(
    `UPDATE sponsorships SET sponsorship = iif(sponsorship = @before, @after, sponsorship),
       revocation = iif(revocation = @before, @after, revocation) WHERE @before IN (sponsorship, revocation)`,
  )

  const all = db.prepare<[], Sponsorship>('SELECT * FROM sponsorships ORDER BY rowid DESC')

  return {
    /** Newest first, ended ones included. */
    list: (): Sponsorship[] => all.all(),
    add: (row: Sponsorship): void => void insert.run(row),
    findStanding: (affiliate: string): Sponsorship | undefined => standing.get(affiliate),
    /** `document` is the sponsorship or its revocation. */
    setState: (document: string, state: Sponsorship['state']): void => void setState.run(state, document, document),
    /** The newest word for an affiliate counts; at the hub too. */
    supersedeBefore: (sponsorship: string): void => void supersede.run(sponsorship),
    /** A document of ours, signed anew before it reached the hub, has another id. */
    rename: (before: string, after: string): void => void rename.run({ before, after }),
    revoke: (sponsorship: string, revocation: string): void => void revoke.run(revocation, sponsorship),
  }
}
