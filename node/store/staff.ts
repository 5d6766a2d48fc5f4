import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A certificate that was made for a person of the staff. Times are Unix seconds; `removed` null while it opens the console. */
export interface StaffCertificate {
  readonly thumbprint: string
  readonly name: string
  readonly issued: number
  readonly notAfter: number
  readonly removed: number | null
}

/** Who may open the console from elsewhere. Trusted: what is not here opens nothing. */
export type Staff = ReturnType<typeof createStaff>

const COLUMNS = 'thumbprint, name, issued, not_after AS notAfter, removed'

/** Over table `staff_certificates`; changes inside the caller's transaction. */
export function createStaff(db: OpenDatabase) {
  const all = db.prepare<[], StaffCertificate>(`SELECT ${COLUMNS} FROM staff_certificates ORDER BY name, issued`)
  const one = db.prepare<[string], StaffCertificate>(`SELECT ${COLUMNS} FROM staff_certificates WHERE thumbprint = ?`)
  const insert = db.prepare<[Omit<StaffCertificate, 'removed'>]>(
    'INSERT INTO staff_certificates (thumbprint, name, issued, not_after) VALUES (@thumbprint, @name, @issued, @notAfter)',
  )
  const remove = db.prepare<[number, string], { thumbprint: string }>(
    'UPDATE staff_certificates SET removed = ? WHERE name = ? AND removed IS NULL RETURNING thumbprint',
  )

  return {
    all: (): StaffCertificate[] => all.all(),
    find: (thumbprint: string): StaffCertificate | undefined => one.get(thumbprint),
    add: (row: Omit<StaffCertificate, 'removed'>): void => void insert.run(row),
    /** Thumbprints of this person's certificates that open nothing any more. */
    remove: (name: string, at: number): string[] => remove.all(at, name).map(({ thumbprint }) => thumbprint),
  }
}
