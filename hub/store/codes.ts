import type { MemberClass } from '#schemas/shapes.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** An enrolment code: the hash of its secret (hex), whom it admits, who made it. `expires` is Unix seconds; `used` is the request's id. */
export interface CodeRow {
  readonly hash: string
  readonly member: string
  readonly name: string
  readonly class: MemberClass
  readonly operator: string
  readonly expires: number
  readonly used: string | null
}

/** A used code that waits for a person, or was decided. */
export interface AdmissionRow {
  readonly id: string
  readonly request: string
  readonly member: string
  readonly since: number
  readonly state: 'waiting' | 'approved' | 'refused'
  readonly decision: string | null
}

/** Codes and the admissions that come of them. A stolen database yields no secret that enrols. */
export type Codes = ReturnType<typeof createCodes>

/** Over tables `codes` and `admissions`; changes inside the caller's transaction. */
export function createCodes(db: OpenDatabase) {
  const byHash = db.prepare<[string], CodeRow>('SELECT * FROM codes WHERE hash = ?')
  const insert = db.prepare<[CodeRow]>(
    'INSERT INTO codes (hash, member, name, class, operator, expires, used) VALUES (@hash, @member, @name, @class, @operator, @expires, @used)',
  )
  const use = db.prepare<[string, string]>('UPDATE codes SET used = ? WHERE hash = ? AND used IS NULL')
  const unusedOf = db.prepare<[string]>('DELETE FROM codes WHERE member = ? AND used IS NULL')
  const admission = db.prepare<[string], AdmissionRow>('SELECT * FROM admissions WHERE id = ?')
  const waiting = db.prepare<[], AdmissionRow>("SELECT * FROM admissions WHERE state = 'waiting' ORDER BY since, id")
  const admissionsOf = db.prepare<[string], AdmissionRow>(
    'SELECT * FROM admissions WHERE member = ? ORDER BY since DESC, id',
  )
  const unused = db.prepare<[], CodeRow>('SELECT * FROM codes WHERE used IS NULL ORDER BY expires')
  const like = db.prepare<[string, string], { id: string }>(
    'SELECT id FROM admissions WHERE id >= ? AND id < ? LIMIT 3',
  )
  const insertAdmission = db.prepare<[AdmissionRow]>(
    'INSERT INTO admissions (id, request, member, since, state, decision) VALUES (@id, @request, @member, @since, @state, @decision)',
  )
  const decide = db.prepare<[AdmissionRow]>('UPDATE admissions SET state = @state, decision = @decision WHERE id = @id')

  return {
    find: (hash: string): CodeRow | undefined => byHash.get(hash),
    /** A new code for a member takes the place of one that was not used. */
    add(row: CodeRow): void {
      unusedOf.run(row.member)
      insert.run(row)
    },
    /** Whether this use was the first. */
    use: (hash: string, request: string): boolean => use.run(request, hash).changes === 1,
    /** Takes back what was not used. */
    dropUnused: (member: string): void => void unusedOf.run(member),
    findAdmission: (id: string): AdmissionRow | undefined => admission.get(id),
    /** Newest first. */
    admissionsOf: (member: string): AdmissionRow[] => admissionsOf.all(member),
    /** Made and not used yet, expired ones too. */
    unused: (): CodeRow[] => unused.all(),
    waiting: (): AdmissionRow[] => waiting.all(),
    admissionsLike: (prefix: string): string[] => like.all(prefix, `${prefix}g`).map(({ id }) => id),
    addAdmission: (row: AdmissionRow): void => void insertAdmission.run(row),
    decide: (row: AdmissionRow): void => void decide.run(row),
  }
}
