import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A journal row with what it is about: the change's JSON, or the document's kind, signer and text. */
export interface AuditRow {
  readonly seq: number
  readonly kind: string
  readonly hash: string
  readonly time: string
  readonly change: string | null
  readonly documentKind: string | null
  readonly member: string | null
  readonly text: string | null
  /** Of the first of two approvals, which is no document: who gave it, by which door. */
  readonly approver: string | null
  readonly approverVia: string | null
}

/** Which rows: before a number, of these kinds (all when empty) but those, from and to a time (RFC 3339). */
export interface AuditQuery {
  readonly before: number
  readonly kinds: readonly string[]
  readonly without: readonly string[]
  readonly from: string
  readonly to: string
  readonly limit: number
}

/** The journal as people read it. Reads only. */
export type Audit = ReturnType<typeof createAudit>

/** Over tables `journal`, `changes`, `trust_documents` and `documents`. */
export function createAudit(db: OpenDatabase) {
  const select = db.prepare<[Omit<AuditQuery, 'kinds' | 'without'> & { kinds: string; without: string }], AuditRow>(
    `SELECT seq, j.kind, j.hash, time, c.text AS change, coalesce(t.kind, d.kind) AS documentKind,
       coalesce(t.member, d.member) AS member, coalesce(t.text, d.text) AS text,
       a.operator AS approver, a.via AS approverVia
     FROM journal j LEFT JOIN changes c ON c.hash = j.hash
       LEFT JOIN trust_documents t ON t.id = j.hash LEFT JOIN documents d ON d.id = j.hash
       LEFT JOIN approvals a ON j.kind = 'approval' AND a.request = d.request
         AND a.at = (SELECT min(at) FROM approvals WHERE request = d.request)
     WHERE seq < @before AND time >= @from AND time <= @to
       AND (@kinds = '[]' OR j.kind IN (SELECT value FROM json_each(@kinds)))
       AND j.kind NOT IN (SELECT value FROM json_each(@without))
     ORDER BY seq DESC LIMIT @limit`,
  )
  const agreement = db.prepare<[string], { dataset: string; consumer: string }>(
    'SELECT dataset, consumer FROM agreements WHERE agreement = ?',
  )
  const entry = db.prepare<[string], { text: string }>(
    `SELECT text FROM entries JOIN documents USING (id) WHERE dataset = ? AND entries.kind = 'catalog-entry'
     ORDER BY sequence DESC LIMIT 1`,
  )
  return {
    /** Text of a dataset's newest entry. */
    findEntry: (dataset: string): string | undefined => entry.get(dataset)?.text,
    /** What an agreement is about. */
    findAgreement: (id: string) => agreement.get(id),
    /** Newest first. */
    read: ({ kinds, without, ...query }: AuditQuery): AuditRow[] =>
      select.all({ ...query, kinds: JSON.stringify(kinds), without: JSON.stringify(without) }),
  }
}
