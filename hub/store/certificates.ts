import type { Status } from '#schemas/status-list.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** The two certificates of one request. Times are Unix seconds; `number` goes up by one per member. */
export interface PairRow {
  readonly request: string
  readonly member: string
  readonly number: number
  readonly state: Status
  readonly reason: string | null
  readonly revoked: number | null
  readonly since: number | null
  readonly compromised: 0 | 1
  readonly renewed: string | null
  readonly issued: number
}

/** One registered certificate; `issuer` is the SHA-256 of our CA's public key, null for an external one. */
export interface CertificateRow {
  readonly thumbprint: string
  readonly request: string
  readonly member: string
  readonly use: 'tls' | 'signing'
  readonly der: Buffer
  readonly spki: string
  readonly serial: string
  readonly issuer: string | null
  readonly place: number
  readonly notBefore: number
  readonly notAfter: number
}

/** Line of a CRL. */
export interface RevokedRow {
  readonly serial: string
  readonly revoked: number
  readonly reason: string | null
  readonly compromised: 0 | 1
}

/** Every pair and certificate ever registered. Trusted: what stands here is what the directory registers. */
export type Certificates = ReturnType<typeof createCertificates>

const COLUMNS =
  'thumbprint, request, member, use, der, spki, serial, issuer, place, not_before AS notBefore, not_after AS notAfter'

/** Over tables `pairs` and `certificates`; changes inside the caller's transaction. */
export function createCertificates(db: OpenDatabase) {
  const byThumbprint = db.prepare<[string], CertificateRow>(`SELECT ${COLUMNS} FROM certificates WHERE thumbprint = ?`)
  const ofRequest = db.prepare<[string], CertificateRow>(
    `SELECT ${COLUMNS} FROM certificates WHERE request = ? ORDER BY use DESC`,
  )
  const ofMember = db.prepare<[string], CertificateRow>(
    `SELECT ${COLUMNS} FROM certificates WHERE member = ? ORDER BY not_after DESC, use`,
  )
  const listed = db.prepare<[number], CertificateRow>(
    `SELECT ${COLUMNS} FROM certificates WHERE not_after >= ? ORDER BY member, not_after DESC, use`,
  )
  const external = db.prepare<[number], CertificateRow>(
    `SELECT ${COLUMNS} FROM certificates WHERE issuer IS NULL AND not_after >= ? ORDER BY thumbprint`,
  )
  const pair = db.prepare<[string], PairRow>('SELECT * FROM pairs WHERE request = ?')
  const pairsOf = db.prepare<[string], PairRow>('SELECT * FROM pairs WHERE member = ? ORDER BY number DESC')
  const withKey = db.prepare<[string], { thumbprint: string }>('SELECT thumbprint FROM certificates WHERE spki = ?')
  const like = db.prepare<[string, string], { thumbprint: string }>(
    'SELECT thumbprint FROM certificates WHERE thumbprint >= ? AND thumbprint < ? LIMIT 3',
  )
  const insertPair = db.prepare<[PairRow]>(
    `INSERT INTO pairs (request, member, number, state, reason, revoked, since, compromised, renewed, issued)
     VALUES (@request, @member, @number, @state, @reason, @revoked, @since, @compromised, @renewed, @issued)`,
  )
  const updatePair = db.prepare<[PairRow]>(
    `UPDATE pairs SET state = @state, reason = @reason, revoked = @revoked, since = @since, compromised = @compromised,
       renewed = @renewed WHERE request = @request`,
  )
  const insert = db.prepare<[CertificateRow]>(
    `INSERT INTO certificates (thumbprint, request, member, use, der, spki, serial, issuer, place, not_before, not_after)
     VALUES (@thumbprint, @request, @member, @use, @der, @spki, @serial, @issuer, @place, @notBefore, @notAfter)`,
  )
  const revokedBy = db.prepare<[{ issuer: string; since: number }], RevokedRow>(
    `SELECT serial, revoked, reason, compromised FROM certificates JOIN pairs USING (request)
       WHERE issuer = @issuer AND state = 'revoked' AND not_after >= @since
     UNION ALL
     SELECT serial, revoked, NULL, 0 FROM operator_certificates WHERE issuer = @issuer AND revoked IS NOT NULL AND not_after >= @since
     ORDER BY serial`,
  )

  const lastRevoked = db.prepare<[], { revoked: number | null }>('SELECT max(revoked) AS revoked FROM pairs')

  return {
    /** Unix seconds of the newest revocation; 0 before the first. */
    lastRevoked: (): number => lastRevoked.get()?.revoked ?? 0,
    find: (thumbprint: string): CertificateRow | undefined => byThumbprint.get(thumbprint),
    /** TLS first. */
    ofRequest: (request: string): CertificateRow[] => ofRequest.all(request),
    ofMember: (member: string): CertificateRow[] => ofMember.all(member),
    /** Those that end at or after a moment, by member, newest end first. */
    listedSince: (seconds: number): CertificateRow[] => listed.all(seconds),
    /** Of external CAs, ending at or after a moment. */
    externalSince: (seconds: number): CertificateRow[] => external.all(seconds),
    findPair: (request: string): PairRow | undefined => pair.get(request),
    /** Newest first. */
    pairsOf: (member: string): PairRow[] => pairsOf.all(member),
    hasKey: (spki: string): boolean => withKey.get(spki) !== undefined,
    /** At most three thumbprints that begin with `prefix` (lower-case hex). */
    thumbprintsLike: (prefix: string): string[] => like.all(prefix, `${prefix}g`).map(({ thumbprint }) => thumbprint),
    add(row: PairRow, certificates: readonly CertificateRow[]): void {
      insertPair.run(row)
      for (const certificate of certificates) insert.run(certificate)
    },
    savePair: (row: PairRow): void => void updatePair.run(row),
    /** What a CA's list must name: revoked and ending at or after `since`. */
    revokedBy: (issuer: string, since: number): RevokedRow[] => revokedBy.all({ issuer, since }),
  }
}
