import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, Payload } from '#schemas/kinds.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow } from '../store/entries.ts'
import { entryPayload } from './read-entry.ts'

/** A dataset as it stands for everybody. */
export type ShownDataset =
  | { readonly state: 'published'; readonly id: string; readonly text: string; readonly payload: CatalogEntry }
  | { readonly state: 'withdrawn'; readonly tombstone: Payload<'tombstone'>; readonly last: CatalogEntry | undefined }

/** One public step of a dataset's line: an entry, or its withdrawal. */
export type DatasetStep =
  | { readonly kind: 'catalog-entry'; readonly row: EntryRow; readonly payload: CatalogEntry }
  | { readonly kind: 'tombstone'; readonly row: EntryRow; readonly payload: Payload<'tombstone'> }

/** What was ever public, newest first. */
const shownSteps = 60

/** Undefined when nothing of that name was ever public; an entry that waits for signatures is not. */
export function showDataset(x: Exchange, dataset: string): ShownDataset | undefined {
  const row = x.entries.published(dataset)
  if (row !== undefined) {
    const { text } = x.documents.get(row.id)
    return { state: 'published', id: row.id, text, payload: parseDocument('catalog-entry', text).payload }
  }
  const [newest, ...earlier] = x.entries.line(dataset, 2)
  if (newest?.kind !== 'tombstone') return undefined
  const before = earlier.find(({ kind }) => kind === 'catalog-entry')
  return {
    state: 'withdrawn',
    tombstone: parseDocument('tombstone', x.documents.get(newest.id).text).payload,
    last: before === undefined ? undefined : entryPayload(x, before.id),
  }
}

/** The dataset's public line, newest first. */
export function listSteps(x: Exchange, dataset: string): DatasetStep[] {
  return x.entries.line(dataset, shownSteps).map((row): DatasetStep => {
    const { text } = x.documents.get(row.id)
    return row.kind === 'tombstone'
      ? { kind: 'tombstone', row, payload: parseDocument('tombstone', text).payload }
      : { kind: 'catalog-entry', row, payload: parseDocument('catalog-entry', text).payload }
  })
}

/** A version with everything said of it: `first` brought it, `last` is its newest description. */
export interface ShownVersion {
  readonly version: number
  readonly first: CatalogEntry
  readonly last: CatalogEntry
  /** Descriptions of this version after the first. */
  readonly corrections: number
}

/** Versions, newest first, out of the line of entries. */
export function versionsOf(steps: readonly DatasetStep[]): ShownVersion[] {
  const entries = steps.flatMap(({ kind, payload }) => (kind === 'catalog-entry' ? [payload as CatalogEntry] : []))
  return [...Map.groupBy(entries, ({ version }) => version)].map(([version, group]) => ({
    version,
    first: group.at(-1) as CatalogEntry,
    last: group[0] as CatalogEntry,
    corrections: group.length - 1,
  }))
}
