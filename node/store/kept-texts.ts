import type { KeyStep } from '#schemas/continuity.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Kinds of text kept because a right rests on them while the hub may be away. */
export type KeptKind = 'agreement' | 'catalog-entry'

/** Texts and key steps at hand for later verification. Trusted: nothing; each is verified again by whoever uses it. */
export type KeptTexts = ReturnType<typeof createKeptTexts>

export function createKeptTexts(db: OpenDatabase) {
  const insert = db.prepare('INSERT INTO kept_texts (id, kind, text) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING')
  const one = db.prepare<[string, KeptKind], { text: string }>('SELECT text FROM kept_texts WHERE id = ? AND kind = ?')
  const insertStep = db.prepare(
    'INSERT INTO key_steps (name, request, previous) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING',
  )
  const step = db.prepare<[string], KeyStep>('SELECT request, previous FROM key_steps WHERE name = ?')

  return {
    add: (kind: KeptKind, { id, text }: { id: string; text: string }): void => void insert.run(id, kind, text),
    find: (kind: KeptKind, id: string): string | undefined => one.get(id, kind)?.text,
    addStep: (name: string, { request, previous }: KeyStep): void => void insertStep.run(name, request, previous),
    findStep: (name: string): KeyStep | undefined => step.get(name),
  }
}
