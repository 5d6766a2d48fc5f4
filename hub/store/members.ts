import type { MemberClass } from '#schemas/shapes.ts'
import type { Status } from '#schemas/status-list.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A member as admitted. `standing` is the operators' word alone; `since` is Unix seconds. */
export interface MemberRow {
  readonly id: string
  readonly name: string
  readonly class: MemberClass
  readonly standing: Status
  readonly reason: string | null
  readonly admission: string
  readonly endpoint: string | null
  readonly since: number
}

/** A sponsorship that was not taken back; `until` is Unix seconds, null: no end. */
export interface SponsorshipRow {
  readonly id: string
  readonly sponsor: string
  readonly affiliate: string
  readonly until: number | null
}

/** Members and who vouches for them. Trusted: what stands here is what the directory says. */
export type Members = ReturnType<typeof createMembers>

const SPONSORSHIP = 'SELECT id, sponsor, affiliate, until FROM sponsorships'

/** Over tables `members` and `sponsorships`; changes inside the caller's transaction. */
export function createMembers(db: OpenDatabase) {
  const all = db.prepare<[], MemberRow>('SELECT * FROM members ORDER BY id')
  const byId = db.prepare<[string], MemberRow>('SELECT * FROM members WHERE id = ?')
  const upsert = db.prepare<[MemberRow]>(
    `INSERT INTO members (id, name, class, standing, reason, admission, endpoint, since)
     VALUES (@id, @name, @class, @standing, @reason, @admission, @endpoint, @since)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, class = excluded.class, standing = excluded.standing,
       reason = excluded.reason, admission = excluded.admission, endpoint = excluded.endpoint`,
  )
  const sponsorships = db.prepare<[string], SponsorshipRow>(
    `${SPONSORSHIP} WHERE ended IS NULL AND affiliate = ? ORDER BY id`,
  )
  const sponsored = db.prepare<[string], { affiliate: string }>(
    'SELECT DISTINCT affiliate FROM sponsorships WHERE ended IS NULL AND sponsor = ? ORDER BY affiliate',
  )
  const ending = db.prepare<[{ after: number; to: number }], { affiliate: string }>(
    'SELECT DISTINCT affiliate FROM sponsorships WHERE ended IS NULL AND until > @after AND until <= @to ORDER BY affiliate',
  )
  const sponsorship = db.prepare<[string], SponsorshipRow & { ended: string | null }>(
    'SELECT id, sponsor, affiliate, until, ended FROM sponsorships WHERE id = ?',
  )
  const between = db.prepare<[string, string], SponsorshipRow>(
    `${SPONSORSHIP} WHERE ended IS NULL AND sponsor = ? AND affiliate = ?`,
  )
  const insertSponsorship = db.prepare<[SponsorshipRow]>(
    'INSERT INTO sponsorships (id, sponsor, affiliate, until) VALUES (@id, @sponsor, @affiliate, @until)',
  )
  const endSponsorship = db.prepare<[string, string]>(
    'UPDATE sponsorships SET ended = ? WHERE id = ? AND ended IS NULL',
  )

  return {
    all: (): MemberRow[] => all.all(),
    find: (id: string): MemberRow | undefined => byId.get(id),
    save: (row: MemberRow): void => void upsert.run(row),
    /** Not taken back; their dates and their sponsors' standing come on top. */
    sponsorshipsOf: (affiliate: string): SponsorshipRow[] => sponsorships.all(affiliate),
    sponsoredBy: (sponsor: string): string[] => sponsored.all(sponsor).map(({ affiliate }) => affiliate),
    /** Whose sponsorships ended by their date after one moment and up to another. */
    endedBetween: (after: number, to: number): string[] => ending.all({ after, to }).map(({ affiliate }) => affiliate),
    findSponsorship: (id: string) => sponsorship.get(id),
    sponsorshipsBetween: (sponsor: string, affiliate: string): SponsorshipRow[] => between.all(sponsor, affiliate),
    addSponsorship: (row: SponsorshipRow): void => void insertSponsorship.run(row),
    endSponsorship: (id: string, by: string): void => void endSponsorship.run(by, id),
  }
}
