import { Refusal } from '#schemas/refusal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A document of identity as it was received or signed; `member` is its signer, `hub` for the hub's own. */
export interface TrustDocument {
  readonly id: string
  readonly kind: 'certificate-request' | 'admission' | 'decision' | 'sponsorship' | 'sponsorship-revocation'
  readonly member: string
  readonly jti: string
  readonly text: string
  /** JSON of the answer it was given. */
  readonly answer: string | null
}

/** Trusted: only documents whose signatures were verified are kept. */
export type TrustDocuments = ReturnType<typeof createTrustDocuments>

/** Over table `trust_documents`; `keep` inside the caller's transaction. */
export function createTrustDocuments(db: OpenDatabase) {
  const byId = db.prepare<[string], TrustDocument>(
    'SELECT id, kind, member, jti, text, answer FROM trust_documents WHERE id = ?',
  )
  const byJti = db.prepare<[string, string], { id: string }>(
    'SELECT id FROM trust_documents WHERE member = ? AND jti = ?',
  )
  const insert = db.prepare<[TrustDocument]>(
    'INSERT INTO trust_documents (id, kind, member, jti, text, answer) VALUES (@id, @kind, @member, @jti, @text, @answer)',
  )
  const ofKind = db.prepare<[string], TrustDocument>(
    'SELECT id, kind, member, jti, text, answer FROM trust_documents WHERE kind = ?',
  )
  return {
    ofKind: (kind: TrustDocument['kind']): TrustDocument[] => ofKind.all(kind),
    find: (id: string): TrustDocument | undefined => byId.get(id),
    /** Protocol 1.5: REPLAYED when this signer used the jti for another document. */
    keep(document: TrustDocument): void {
      const used = byJti.get(document.member, document.jti)
      if (used !== undefined) throw new Refusal('REPLAYED', { jti: document.jti, document: used.id })
      insert.run(document)
    },
  }
}
