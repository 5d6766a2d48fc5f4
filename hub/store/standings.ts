import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** An operator's yes, kept until the decision is signed. `at` is Unix seconds. */
export interface ApprovalRow {
  readonly operator: string
  readonly via: 'certificate' | 'link' | 'control'
  readonly thumbprint: string | null
  readonly at: number
  readonly reason: string
}

/** What stands on an agreement: suspensions, each signer's last change, operators' approvals. Trusted like `agreements`. */
export type Standings = ReturnType<typeof createStandings>

/** Over tables `suspensions`, `last_changes`, `approvals`; changes inside the caller's transaction. */
export function createStandings(db: OpenDatabase) {
  const suspensions = db.prepare<[string], { party: string }>(
    'SELECT party FROM suspensions WHERE request = ? ORDER BY party',
  )
  const addSuspension = db.prepare<[string, string]>(
    'INSERT INTO suspensions (request, party) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const liftSuspension = db.prepare<[string, string]>('DELETE FROM suspensions WHERE request = ? AND party = ?')
  const lastChange = db.prepare<[string, string], { change: string }>(
    'SELECT change FROM last_changes WHERE request = ? AND party = ?',
  )
  const setLastChange = db.prepare<[string, string, string]>(
    'INSERT INTO last_changes (request, party, change) VALUES (?, ?, ?) ON CONFLICT (request, party) DO UPDATE SET change = excluded.change',
  )
  const approvals = db.prepare<[string], ApprovalRow>(
    'SELECT operator, via, thumbprint, at, reason FROM approvals WHERE request = ? ORDER BY at, operator',
  )
  const addApproval = db.prepare<[ApprovalRow & { request: string }]>(
    'INSERT INTO approvals (request, operator, via, thumbprint, at, reason) VALUES (@request, @operator, @via, @thumbprint, @at, @reason)',
  )

  return {
    /** Members and `hub` whose suspension stands. */
    suspendedBy: (request: string): Set<string> => new Set(suspensions.all(request).map(({ party }) => party)),
    suspend: (request: string, party: string): void => void addSuspension.run(request, party),
    /** Whether there was one to lift. */
    resume: (request: string, party: string): boolean => liftSuspension.run(request, party).changes === 1,
    lastChange: (request: string, party: string): string | undefined => lastChange.get(request, party)?.change,
    setLastChange: (request: string, party: string, change: string): void =>
      void setLastChange.run(request, party, change),
    approvals: (request: string): ApprovalRow[] => approvals.all(request),
    addApproval: (request: string, approval: ApprovalRow): void => void addApproval.run({ ...approval, request }),
  }
}
