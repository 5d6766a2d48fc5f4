import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, ManifestFile } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Datasets, type EntryRow, payloadOf, type VersionRow } from '../store/datasets.ts'

/** One version of ours with what it changed against the one before. `iat` Unix seconds. */
export interface DescribedVersion {
  readonly version: number
  readonly iat: number
  readonly bytes: number
  readonly rows: number | null
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly change: FileChange }[]
  /** Names of files that the version before had. */
  readonly removed: readonly string[]
}

export type FileChange = 'new' | 'changed' | 'same'

/** Something said of the dataset: a description, or its withdrawal. */
export interface Statement {
  readonly sequence: number
  readonly iat: number
  readonly kind: EntryRow['kind']
  readonly state: EntryRow['state']
  readonly version: number
  /** The terms of use became others with it. */
  readonly newTerms: boolean
  readonly reason?: string
}

export interface DescribedDataset {
  /** The newest description, withdrawn since or not. */
  readonly entry: CatalogEntry
  readonly versions: readonly DescribedVersion[]
  /** Newest first. */
  readonly statements: readonly Statement[]
}

/** All that this node knows of a dataset of ours, for its page. NOT_FOUND. */
export function describeDataset(datasets: Datasets, dataset: string): DescribedDataset {
  const history = datasets.history(dataset)
  const described = datasets.newestEntry(dataset) ?? history.findLast(({ kind }) => kind === 'catalog-entry')
  if (described === undefined) throw new Refusal('NOT_FOUND', { dataset })
  const versions = datasets.listVersions(dataset)
  const statements = history.map((row, index) => statementOf(row, history[index - 1]))
  return {
    entry: payloadOf(described),
    versions: versions.map((row, index) => versionOf(row, versions[index + 1])),
    statements: statements.toReversed(),
  }
}

function versionOf(row: VersionRow, before: VersionRow | undefined): DescribedVersion {
  const { iat, files } = parseDocument('manifest', row.text).payload
  const earlier = new Map(before === undefined ? [] : filesOf(before).map((file) => [file.path, file]))
  const names = new Set(files.map(({ path }) => path))
  return {
    version: row.version,
    iat,
    bytes: row.bytes,
    rows: row.rows,
    files: files.map((file) => ({
      path: file.path,
      bytes: file.bytes,
      change: changeOf(file, earlier.get(file.path)),
    })),
    removed: [...earlier.keys()].filter((name) => !names.has(name)),
  }
}

function filesOf({ text }: VersionRow): readonly ManifestFile[] {
  return parseDocument('manifest', text).payload.files
}

function changeOf(file: ManifestFile, before: ManifestFile | undefined): FileChange {
  if (before === undefined) return 'new'
  return before.sha256 === file.sha256 ? 'same' : 'changed'
}

function statementOf(row: EntryRow, before: EntryRow | undefined): Statement {
  const { sequence, kind, state, version, terms } = row
  const newTerms = before !== undefined && before.terms !== terms
  const common = { sequence, kind, state, version, newTerms }
  if (kind === 'catalog-entry') return { ...common, iat: payloadOf(row).iat }
  const { iat, reason } = parseDocument('tombstone', row.text).payload
  return { ...common, iat, reason }
}
