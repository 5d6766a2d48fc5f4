import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, Payload } from '#schemas/kinds.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow } from '../store/entries.ts'
import { entryPayload } from './read-entry.ts'

/** A dataset as it stands for everybody. */
export type ShownDataset =
  | { readonly state: 'published'; readonly id: string; readonly text: string; readonly payload: CatalogEntry }
  | { readonly state: 'withdrawn'; readonly tombstone: Payload<'tombstone'>; readonly last: CatalogEntry | undefined }

/** A version with everything said of it: `first` brought it, `last` is its newest description. */
export interface ShownVersion {
  readonly version: number
  readonly first: CatalogEntry
  readonly last: CatalogEntry
  /** Descriptions of this version after the first. */
  readonly corrections: number
}

/** A dataset's public past: versions and withdrawals, each newest first. */
export interface DatasetHistory {
  readonly versions: readonly ShownVersion[]
  readonly withdrawals: readonly Payload<'tombstone'>[]
}

const mostVersions = 50
const mostWithdrawals = 10

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

/** Its newest 50 versions, however often each was corrected, and its newest 10 withdrawals. */
export function showHistory(x: Exchange, dataset: string): DatasetHistory {
  const payloadAt = (sequence: number) => entryPayload(x, (x.entries.at(dataset, sequence) as EntryRow).id)
  return {
    versions: x.entries.versions(dataset, mostVersions).map(({ version, first, last, entries }) => {
      const begun = payloadAt(first)
      return { version, first: begun, last: last === first ? begun : payloadAt(last), corrections: entries - 1 }
    }),
    withdrawals: x.entries
      .tombstones(dataset, mostWithdrawals)
      .map(({ id }) => parseDocument('tombstone', x.documents.get(id).text).payload),
  }
}
