import { existsSync } from 'node:fs'
import { parseDocument } from '#schemas/document.ts'
import type { Manifest, ManifestFile } from '#schemas/kinds.ts'
import { type ChunkList, parseChunkList } from '../chunks/chunk-list.ts'
import { findParameters } from '../chunks/chunk-parameters.ts'
import type { Blobs } from '../store/blobs.ts'
import type { Pulls } from '../store/pulls.ts'

/** A file of an earlier version that lies here whole, with its list: a source of chunks. */
export interface EarlierFile {
  readonly path: string
  readonly list: ChunkList
}

const VERSIONS = 4
/** Lists held at once: four times the longest one, so that memory does not grow with the number of files. */
const LIST_BYTES = 4 * 1024 * 1024

/** Files to take chunks from, those of the same name in the newest version first. Nothing in them is trusted: every chunk is verified. */
export function findEarlierFiles(
  { pulls, blobs }: { readonly pulls: Pulls; readonly blobs: Blobs },
  { dataset, version }: Manifest,
  wanted: ManifestFile,
): readonly EarlierFile[] {
  const versions = pulls.completeVersions(dataset, VERSIONS).filter((one) => one.version !== version)
  const files = versions.flatMap(({ text }) => parseDocument('manifest', text).payload.files)
  const inOrder = [
    ...files.filter(({ path }) => path === wanted.path),
    ...files.filter(({ path }) => path !== wanted.path),
  ]
  const found: EarlierFile[] = []
  const seen = new Set<string>()
  let bytes = 0
  for (const file of inOrder) {
    const { parameters: name, list } = file.chunks
    const parameters = findParameters(name)
    // Chunks cut with other parameters never coincide.
    if (name !== wanted.chunks.parameters || parameters === undefined || seen.has(file.sha256)) continue
    if (bytes + list.bytes > LIST_BYTES) break
    const path = blobs.pathOf(file.sha256)
    const listBytes = existsSync(path) ? blobs.find(list.sha256) : undefined
    if (listBytes === undefined) continue
    seen.add(file.sha256)
    bytes += list.bytes
    found.push({ path, list: parseChunkList(listBytes, { fileBytes: file.bytes, parameters }) })
  }
  return found
}
