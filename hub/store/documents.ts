import type { Kind } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A document of the exchange as it was received. */
export interface KeptDocument {
  readonly id: string
  readonly kind: Kind
  /** Signer's member, `hub` for the hub's own. */
  readonly member: string
  readonly jti: string
  readonly text: string
  /** Id of the request whose story it belongs to. */
  readonly request: string | null
  /** JSON of the answer it was given. */
  readonly answer: string | null
  /** Unix seconds. */
  readonly stored: number
}

/** What is known of a document when it arrives. */
export type NewDocument = Omit<KeptDocument, 'answer'>

/** Stored documents by id. Trusted: only documents whose signatures were verified are kept. */
export type Documents = ReturnType<typeof createDocuments>

/** Over table `documents`; `keep`, `answer` and `setText` inside the caller's transaction. */
export function createDocuments(db: OpenDatabase) {
  const byId = db.prepare<[string], KeptDocument>('SELECT * FROM documents WHERE id = ?')
  const byJti = db.prepare<[string, string], { id: string }>('SELECT id FROM documents WHERE member = ? AND jti = ?')
  const byRequest = db.prepare<[string], KeptDocument>('SELECT * FROM documents WHERE request = ? ORDER BY position')
  const insert = db.prepare<[NewDocument]>(
    'INSERT INTO documents (id, kind, member, jti, text, request, stored) VALUES (@id, @kind, @member, @jti, @text, @request, @stored)',
  )
  const setAnswer = db.prepare<[string, string]>('UPDATE documents SET answer = ? WHERE id = ?')
  const setText = db.prepare<[string, string]>('UPDATE documents SET text = ? WHERE id = ?')

  return {
    find: (id: string): KeptDocument | undefined => byId.get(id),
    /** Text of a document that must be there. */
    get(id: string): KeptDocument {
      const found = byId.get(id)
      if (found === undefined) throw new Error(`document ${id} is referred to and missing`)
      return found
    },
    /** Everything said about a request, oldest first. */
    ofRequest: (request: string): KeptDocument[] => byRequest.all(request),
    /** Protocol 1.5: REPLAYED when this signer used the jti for another document. */
    keep(document: NewDocument): void {
      const used = byJti.get(document.member, document.jti)
      if (used !== undefined) throw new Refusal('REPLAYED', { jti: document.jti, document: used.id })
      insert.run(document)
    },
    answer: (id: string, answer: unknown): void => void setAnswer.run(JSON.stringify(answer), id),
    /** The same payload with one more signature; the id stays. */
    setText: (id: string, text: string): void => void setText.run(text, id),
  }
}
