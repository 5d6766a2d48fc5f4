import type { Meta } from './meta.ts'

/** One file of a version as the catalog shows it; no hash of contents. */
export interface CatalogFile {
  readonly path: string
  readonly mediaType: string
  readonly bytes: number
}

/** One column (信息项) of a table. */
export interface CatalogField {
  readonly name: string
  readonly title?: string | undefined
  /** The beginning of what the manifest's schema says of it. */
  readonly description?: string | undefined
  readonly type: string
}

/** What index, DCAT and 政务信息资源目录 need of a catalog entry's payload; times RFC 3339 UTC. */
export interface CatalogRecord {
  readonly dataset: string
  readonly member: string
  readonly sequence: number
  readonly terms: number
  readonly version: number
  readonly manifest: string
  readonly issued: string
  readonly modified: string
  readonly bytes: number
  readonly files: readonly CatalogFile[]
  readonly fields?: readonly CatalogField[] | undefined
  readonly meta: Meta
  readonly sample?: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } | undefined
}
