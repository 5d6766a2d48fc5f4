import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A person at the hub; `member` is the member they belong to, if any. */
export interface OperatorRow {
  readonly name: string
  readonly member: string | null
  readonly since: number
}

/** A client certificate made for an operator. Times are Unix seconds. */
export interface OperatorCertificateRow {
  readonly thumbprint: string
  readonly operator: string
  readonly der: Buffer
  readonly serial: string
  readonly issuer: string
  readonly notAfter: number
  readonly revoked: number | null
}

/** Operators, roles, and their certificates. Trusted: who may decide. */
export type Operators = ReturnType<typeof createOperators>

/** Over tables `operators`, `operator_roles`, `operator_certificates`; changes inside the caller's transaction. */
export function createOperators(db: OpenDatabase) {
  const byName = db.prepare<[string], OperatorRow>('SELECT name, member, since FROM operators WHERE name = ?')
  const all = db.prepare<[], OperatorRow>('SELECT name, member, since FROM operators ORDER BY name')
  const upsert = db.prepare<[OperatorRow]>(
    'INSERT INTO operators (name, member, since) VALUES (@name, @member, @since) ON CONFLICT (name) DO UPDATE SET member = excluded.member',
  )
  const roles = db.prepare<[string], { role: string }>(
    'SELECT role FROM operator_roles WHERE operator = ? ORDER BY role',
  )
  const addRole = db.prepare<[string, string]>('INSERT INTO operator_roles (operator, role) VALUES (?, ?)')
  const dropRole = db.prepare<[string, string]>('DELETE FROM operator_roles WHERE operator = ? AND role = ?')
  const insertCertificate = db.prepare<[OperatorCertificateRow]>(
    `INSERT INTO operator_certificates (thumbprint, operator, der, serial, issuer, not_after, revoked)
     VALUES (@thumbprint, @operator, @der, @serial, @issuer, @notAfter, @revoked)`,
  )
  const certificate = db.prepare<[string], OperatorCertificateRow>(
    'SELECT thumbprint, operator, der, serial, issuer, not_after AS notAfter, revoked FROM operator_certificates WHERE thumbprint = ?',
  )
  const certificatesOf = db.prepare<[string], OperatorCertificateRow>(
    `SELECT thumbprint, operator, der, serial, issuer, not_after AS notAfter, revoked FROM operator_certificates
     WHERE operator = ? ORDER BY not_after DESC`,
  )
  const revokeCertificates = db.prepare<[number, string]>(
    'UPDATE operator_certificates SET revoked = ? WHERE operator = ? AND revoked IS NULL',
  )

  return {
    all: (): OperatorRow[] => all.all(),
    find: (name: string): OperatorRow | undefined => byName.get(name),
    roles: (name: string): string[] => roles.all(name).map(({ role }) => role),
    save: (row: OperatorRow): void => void upsert.run(row),
    addRole: (name: string, role: string): void => void addRole.run(name, role),
    dropRole: (name: string, role: string): boolean => dropRole.run(name, role).changes === 1,
    findCertificate: (thumbprint: string): OperatorCertificateRow | undefined => certificate.get(thumbprint),
    certificatesOf: (name: string): OperatorCertificateRow[] => certificatesOf.all(name),
    addCertificate: (row: OperatorCertificateRow): void => void insertCertificate.run(row),
    /** Returns how many there were. */
    revokeCertificates: (name: string, now: number): number => revokeCertificates.run(now, name).changes,
  }
}
