import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { foldFileName } from '#schemas/catalog/file-names.ts'
import type { Clock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import { type Datasets, payloadOf } from '../store/datasets.ts'
import { type Draft, type Drafts, newDraftId } from '../store/drafts.ts'
import type { Reading } from '../tables/reading.ts'
import type { Field, TableSchema } from '../tables/table-schema.ts'
import { type Form, fillForm } from './draft-meta.ts'
import { inspectDraft } from './inspect-draft.ts'
import { requireFileName } from './require-file-name.ts'
import type { InTurn } from './take-turns.ts'

/** A file that was handed over: its name as the person's machine has it, and where its bytes lie. */
export interface HandedFile {
  readonly name: string
  readonly path: string
}

/** What a person makes of one column; its place in the schema names it. */
export interface FieldEdit {
  readonly title: string | undefined
  readonly description: string | undefined
  /** Type and way of writing; absent where they stay. */
  readonly kind?: Omit<Field, 'name'> | undefined
}

interface Deps {
  readonly drafts: Drafts
  readonly datasets: Datasets
  readonly clock: Clock
  readonly inTurn: InTurn
}

/**
 * The steps of preparing a publication. What changes files, columns or their reading leaves the files to be looked at, by
 * `inspect`. Whatever is refused leaves the draft as it was. NOT_FOUND for a draft that has gone.
 */
export function createDrafting({ drafts, datasets, clock, inTurn }: Deps) {
  /** One change at a time: two tabs of one draft do not lose each other's files. */
  function change(id: string, job: (draft: Draft) => Draft | Promise<Draft>): Promise<Draft> {
    return inTurn(`draft:${id}`, async () => {
      const before = drafts.get(id)
      const after = await job(before)
      return after === before ? before : drafts.write({ ...after, changed: clock.now() })
    })
  }

  return {
    /** A new one; with `dataset`, the next version of what is published, filled in as it stands. DATASET_UNKNOWN. */
    begin(by: string, dataset: string | null): Draft {
      const now = clock.now()
      const known = dataset === null ? { form: {}, schema: null } : describe(datasets, dataset)
      const draft = { id: newDraftId(), by, begun: now, changed: now, dataset, files: [], reading: {}, ...known }
      return drafts.write({ ...draft, words: wordsOf(known.schema), round: randomUUID() })
    },
    /** Files are added; one of the same name takes the earlier one's place. */
    addFiles: (id: string, files: readonly HandedFile[]): Promise<Draft> =>
      change(id, (draft) => {
        for (const { name } of files) requireFileName(name)
        const taken = files.map(({ name, path }) => drafts.adopt(id, path, name))
        const names = new Set(taken.map(({ name }) => foldFileName(name)))
        const kept = draft.files.filter(({ name }) => !names.has(foldFileName(name)))
        return { ...draft, files: [...kept, ...taken] }
      }),
    /** A mended file for one that is there, under the new one's name; what was typed stays. */
    replaceFile: (id: string, stored: string, { name, path }: HandedFile): Promise<Draft> =>
      change(id, (draft) => {
        requireFileName(name)
        const taken = drafts.adopt(id, path, name)
        const others = draft.files.filter(
          (file) => file.stored !== stored && foldFileName(file.name) !== foldFileName(name),
        )
        const at = Math.max(
          draft.files.findIndex((file) => file.stored === stored),
          0,
        )
        return { ...draft, files: others.toSpliced(at, 0, taken) }
      }),
    removeFile: (id: string, stored: string): Promise<Draft> =>
      change(id, (draft) => {
        const files = draft.files.filter((file) => file.stored !== stored)
        const begun = files.length === 0 && draft.dataset === null ? { reading: {}, schema: null } : {}
        return { ...draft, ...begun, files }
      }),
    /** How the tables are to be read; the columns are found anew. */
    setReading: (id: string, reading: Reading): Promise<Draft> =>
      change(id, (draft) => ({ ...draft, reading, schema: null, round: randomUUID() })),
    /** Columns are found anew in the files as they are now. */
    proposeAgain: (id: string): Promise<Draft> =>
      change(id, (draft) => ({ ...draft, schema: null, round: randomUUID() })),
    /** By place in the schema. */
    setFields: (id: string, edits: readonly FieldEdit[]): Promise<Draft> =>
      change(id, (draft) => {
        if (draft.schema === null) return draft
        const fields = draft.schema.fields.map((field, index) => edited(field, edits[index]))
        const schema = { ...draft.schema, fields }
        const after = { ...draft, schema, words: { ...draft.words, ...wordsOf(schema) } }
        return isDeepStrictEqual(typesOf(fields), typesOf(draft.schema.fields))
          ? after
          : { ...after, round: randomUUID() }
      }),
    /** Fields of one step; those of the others stay. */
    setForm: (id: string, names: readonly string[], values: Form): Promise<Draft> =>
      change(id, (draft) => {
        const others = Object.entries(draft.form).filter(([name]) => !names.includes(name))
        return { ...draft, form: Object.fromEntries([...others, ...names.map((name) => [name, values[name] ?? ''])]) }
      }),
    /** Looks at the files as the draft stands now. */
    inspect: (id: string, context: Pick<ActionContext, 'progress' | 'signal'>): Promise<Draft> =>
      change(id, (draft) => inspectDraft(drafts, draft, context)),
    discard: (id: string): Promise<void> => inTurn(`draft:${id}`, async () => drafts.remove(id)),
  }
}

/** META and columns of what is published. */
function describe(datasets: Datasets, dataset: string): Pick<Draft, 'form' | 'schema'> {
  const entry = datasets.newestEntry(dataset)
  const version = datasets.lastVersion(dataset)
  if (entry === undefined || version === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  return {
    form: fillForm(payloadOf(entry).meta),
    schema: parseDocument('manifest', version.text).payload.schema as TableSchema | null,
  }
}

/** What is checked of columns, their words left out. */
function typesOf(fields: readonly Field[]): readonly object[] {
  return fields.map(({ title: _title, description: _description, ...type }) => type)
}

function wordsOf(schema: TableSchema | null): Draft['words'] {
  return Object.fromEntries(
    (schema?.fields ?? []).map(({ name, title, description }) => [name, given({ title, description })]),
  )
}

function edited(field: Field, edit: FieldEdit | undefined): Field {
  if (edit === undefined) return field
  const { title: _title, description: _description, ...bare } = field
  const { name, constraints, missingValues } = field
  const kind = edit.kind === undefined ? bare : { name, ...edit.kind, ...given({ constraints, missingValues }) }
  return { ...kind, ...given({ title: edit.title, description: edit.description }) }
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
