import { statSync, writeFileSync } from 'node:fs'
import { toRfc3339 } from '#schemas/clock.ts'
import { newJti } from '#schemas/hash.ts'
import type { CatalogEntry, ManifestFile } from '#schemas/kinds.ts'
import { chunkFile } from '../../node/chunks/chunk-file.ts'
import { chooseParameters } from '../../node/chunks/chunk-parameters.ts'
import type { Blobs } from '../../node/store/blobs.ts'

/** Cuts a file, given as bytes or as a path in the same file system that is moved away, and puts it and its chunk list into the store; gives its line of the manifest. */
export async function storeFile(
  blobs: Blobs,
  path: string,
  content: Uint8Array | { readonly path: string },
  parameters: string | undefined,
): Promise<ManifestFile> {
  const incoming = 'path' in content ? content.path : blobs.incomingPath()
  if (!('path' in content)) writeFileSync(incoming, content)
  const bytes = statSync(incoming).size
  const chosen = chooseParameters(bytes)
  const cut = await chunkFile(incoming, parameters === undefined ? chosen : { ...chosen, id: parameters })
  blobs.adopt(incoming, cut.sha256)
  const list = { bytes: cut.list.length, sha256: blobs.put(cut.list) }
  return {
    path,
    mediaType: 'text/csv',
    bytes,
    sha256: cut.sha256,
    chunks: { parameters: cut.parameters.id, count: cut.list.length / 36, list },
  }
}

/** What an entry of a test says; the rest is the same for all. */
export interface EntryDraft {
  readonly net: string
  readonly iat: number
  readonly member: string
  readonly slug: string
  readonly sequence: number
  readonly version: number
  readonly manifest: string
  readonly files: readonly ManifestFile[]
  readonly sharing?: 'unconditional' | 'conditional'
  readonly terms?: number
  readonly audience?: CatalogEntry['meta']['audience']
}

/** The least that a catalog entry must say. */
export function describeEntry({
  net,
  iat,
  member,
  slug,
  sequence,
  version,
  manifest,
  files,
  ...more
}: EntryDraft): CatalogEntry {
  const stamp = toRfc3339(iat)
  return {
    kind: 'catalog-entry',
    net,
    jti: newJti(),
    iat,
    dataset: `${member}/${slug}`,
    member,
    owners: [member],
    sequence,
    terms: more.terms ?? 1,
    version,
    manifest,
    issued: stamp,
    modified: stamp,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: files.map(({ path, mediaType, bytes }) => ({ path, mediaType, bytes })),
    meta: {
      slug,
      title: { zh: slug },
      contentClass: 1,
      industries: [],
      region: '100000',
      periodicity: 'irregular',
      sharing: more.sharing ?? 'unconditional',
      ownership: 'SOURCE',
      audience: more.audience ?? ['association', 'department'],
      legalBasis: 'other',
      classification: 'public',
      sensitive: false,
      responsible: { unit: '统计部' },
    },
  }
}
