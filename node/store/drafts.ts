import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#pki/durable-file.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Inspection } from '../tables/inspection.ts'
import type { Reading } from '../tables/reading.ts'
import type { Field, TableSchema } from '../tables/table-schema.ts'

/** A file of a draft: the name it will be published under, and the one it lies under. */
export interface DraftFile {
  readonly name: string
  readonly stored: string
  readonly bytes: number
}

/** A publication that somebody is preparing: everything typed so far, as typed. Times Unix seconds. */
export interface Draft {
  readonly id: string
  readonly by: string
  readonly begun: number
  readonly changed: number
  /** The dataset that gets its next version; null for a new one. */
  readonly dataset: string | null
  readonly files: readonly DraftFile[]
  readonly reading: Reading
  /** What the columns are, as corrected by the person; null while no table is among the files. */
  readonly schema: TableSchema | null
  /** Titles and meanings by column name: they stay when columns are found anew. */
  readonly words: Readonly<Record<string, Pick<Field, 'title' | 'description'>>>
  /** Changes with whatever makes earlier looks at the files worthless. */
  readonly round: string
  readonly form: Readonly<Record<string, string | readonly string[]>>
}

/** What a look at a file found, or why it could not be read (the refusal's code and facts). */
export type Look =
  | { readonly found: Inspection }
  | { readonly refused: { readonly code: string; readonly facts: Readonly<Record<string, unknown>> } }

/**
 * Drafts in a folder each: `draft.json`, the files, and beside each file what was found in it. Written so that a crash leaves
 * the old draft or the new one; what neither refers to goes at the next start. Files never change once they lie there.
 */
export type Drafts = ReturnType<typeof createDrafts>

const ID = /^[0-9a-f-]{36}$/

export function createDrafts(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const place = (id: string) => join(folder, id)
  const paper = (id: string) => join(place(id), 'draft.json')
  const lookPath = (id: string, stored: string) => join(place(id), `${stored}.look.json`)

  function find(id: string): Draft | undefined {
    // Attack: an id that is none could lead out of the folder.
    return ID.test(id) && existsSync(paper(id)) ? (JSON.parse(readFileSync(paper(id), 'utf8')) as Draft) : undefined
  }

  function write(draft: Draft): Draft {
    mkdirSync(place(draft.id), { recursive: true, mode: 0o700 })
    writeDurably(paper(draft.id), JSON.stringify(draft), 0o600)
    sweep(draft)
    return draft
  }

  /** Files that a draft no longer names. */
  function sweep({ id, files }: Draft): void {
    const kept = new Set(['draft.json', ...files.flatMap(({ stored }) => [stored, `${stored}.look.json`])])
    for (const name of readdirSync(place(id))) if (!kept.has(name)) rmSync(join(place(id), name), { force: true })
  }

  for (const id of readdirSync(folder)) {
    const draft = find(id)
    if (draft === undefined) rmSync(place(id), { recursive: true, force: true })
    else sweep(draft)
  }

  return {
    find,
    write,
    /** NOT_FOUND for one that is published or thrown away. */
    get(id: string): Draft {
      const draft = find(id)
      if (draft === undefined)
        throw new Refusal('NOT_FOUND', {
          detail: { zh: '这份草稿已经发布或已删除', en: 'This draft has been published or thrown away' },
        })
      return draft
    },
    /** Newest first. */
    list: (): Draft[] =>
      readdirSync(folder)
        .flatMap((id) => find(id) ?? [])
        .toSorted((a, b) => b.changed - a.changed),
    remove: (id: string): void => (ID.test(id) ? rmSync(place(id), { recursive: true, force: true }) : undefined),
    pathOf: (id: string, { stored }: DraftFile): string => join(place(id), stored),
    /** Takes a finished upload in; nothing refers to it until the draft is written. */
    adopt(id: string, path: string, name: string): DraftFile {
      mkdirSync(place(id), { recursive: true, mode: 0o700 })
      const file = { name, stored: randomUUID(), bytes: statSync(path).size }
      renameSync(path, join(place(id), file.stored))
      return file
    },
    /** The same bytes under a second name, for whoever takes files away: they never change, so the disk holds them once. */
    lend: (id: string, { stored }: DraftFile, path: string): void => linkSync(join(place(id), stored), path),
    writeLook: ({ id, round }: Draft, { stored }: DraftFile, look: Look): void =>
      writeDurably(lookPath(id, stored), JSON.stringify({ ...look, round }), 0o600),
    /** What was found in a file as the draft stands; undefined until somebody looks again. */
    findLook({ id, round }: Pick<Draft, 'id' | 'round'>, { stored }: DraftFile): Look | undefined {
      const path = lookPath(id, stored)
      if (!existsSync(path)) return undefined
      const { round: of, ...look } = JSON.parse(readFileSync(path, 'utf8')) as Look & { readonly round: string }
      return of === round ? look : undefined
    },
  }
}

export function newDraftId(): string {
  return randomUUID()
}
