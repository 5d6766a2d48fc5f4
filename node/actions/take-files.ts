import { statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { foldFileName } from '#schemas/catalog/file-names.ts'
import { sha256 } from '#schemas/hash.ts'
import type { ManifestFile } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Progress } from '#web/serving/actions.ts'
import { chunkFile } from '../chunks/chunk-file.ts'
import {
  CHUNK_LIST_LIMITS,
  CHUNK_PARAMETERS,
  type ChunkParameters,
  chooseParameters,
  findParameters,
} from '../chunks/chunk-parameters.ts'
import type { Blobs } from '../store/blobs.ts'
import { inspectFile, refuseBadCells } from '../tables/inspect.ts'
import type { Inspection, Sample } from '../tables/inspection.ts'
import type { Reading } from '../tables/reading.ts'
import type { TableSchema } from '../tables/table-schema.ts'
import { isPaper, mediaTypeOf } from './media-type.ts'
import { requireFileName } from './require-file-name.ts'

/** A file handed in for publishing: its name, and where its bytes lie. */
export interface GivenFile {
  readonly name: string
  readonly path: string
  /** How it is to be read, where a person said so. */
  readonly reading?: Reading | undefined
}

/** What a version's files are. */
export interface TakenFiles {
  readonly files: readonly ManifestFile[]
  /** The declared schema, else the one proposed from the only table; null where none fits all. */
  readonly schema: TableSchema | null
  readonly proposed: boolean
  readonly sample: Sample | undefined
  readonly warnings: readonly unknown[]
  /** Of all tables; null where there is none. */
  readonly rows: number | null
  /** Hash over names, contents and schema: equal for what is the same version. */
  readonly content: string
}

export interface TakeOptions {
  /** As declared, unchecked. */
  readonly schema: unknown
  readonly sampleRows: number
  /** Files of the version before: the dataset keeps its chunking parameters. */
  readonly earlier: readonly ManifestFile[]
  readonly progress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/**
 * Checks files against their schema, cuts them into chunks and stores each once, by its hash. Throws INPUT_INVALID with
 * every bad cell, INPUT_UNREADABLE, INPUT_TOO_COSTLY, SCHEMA_INVALID, DISK_FULL; then nothing refers to what was stored.
 */
export async function takeFiles(blobs: Blobs, given: readonly GivenFile[], options: TakeOptions): Promise<TakenFiles> {
  requireNames(given)
  const inspections: Inspection[] = []
  for (const [index, { name, path, reading = {} }] of given.entries()) {
    options.progress({ phase: 'check', done: index, total: given.length, unit: 'files' })
    const { sampleRows, signal } = options
    const schema = given.length > 1 && isPaper(name) ? undefined : options.schema
    const inspection = await inspectFile(path, { name, schema, sampleRows, reading, signal })
    refuseBadCells(inspection)
    inspections.push(inspection)
  }
  const parameters = parametersFor(given, options.earlier)
  const files: ManifestFile[] = []
  const total = given.reduce((sum, { path }) => sum + statSync(path).size, 0)
  let before = 0
  for (const [index, file] of given.entries()) {
    const report = (done: number) => options.progress({ phase: 'hash', done: before + done, total, unit: 'bytes' })
    files.push(
      await storeFile(blobs, file, inspections[index] as Inspection, { parameters, report, signal: options.signal }),
    )
    before += files.at(-1)?.bytes ?? 0
    report(0)
  }
  return { files, ...describe(inspections), content: contentOf(files, describe(inspections).schema) }
}

interface StoreOptions {
  readonly parameters: ChunkParameters
  /** Gets bytes. */
  readonly report: (done: number) => void
  readonly signal: AbortSignal
}

async function storeFile(
  blobs: Blobs,
  { name, path }: GivenFile,
  inspection: Inspection,
  { parameters, report, signal }: StoreOptions,
): Promise<ManifestFile> {
  const cut = await chunkFile(path, parameters, report, signal)
  // Lists first: a file that has its final name is one that can be served.
  const list = blobs.put(cut.list)
  if (!blobs.has(cut.sha256)) blobs.adopt(path, cut.sha256)
  return {
    path: name,
    mediaType: mediaTypeOf(inspection, name),
    bytes: cut.bytes,
    sha256: cut.sha256,
    chunks: {
      parameters: cut.parameters.id,
      count: cut.list.length / CHUNK_LIST_LIMITS.entryBytes,
      list: { bytes: cut.list.length, sha256: list },
    },
  }
}

/** Two files of one name, or names that differ in case only, would overwrite each other at a consumer. */
function requireNames(given: readonly GivenFile[]): void {
  for (const { name } of given) requireFileName(name)
  const names = given.map(({ name }) => foldFileName(name))
  const twice = given.find((_, index) => names.indexOf(names[index] as string) !== index)
  if (twice !== undefined)
    throw new Refusal('USAGE', {
      rule: 'each file of a version has a name of its own',
      file: twice.name,
      detail: {
        zh: `有两个文件都叫“${twice.name}”，请改名后再发布`,
        en: `Two files are called "${twice.name}": rename one and publish again`,
      },
    })
}

/** Chosen at a dataset's version 1 and kept, so that the next version costs what has changed. */
function parametersFor(given: readonly GivenFile[], earlier: readonly ManifestFile[]): ChunkParameters {
  const used = earlier.map(({ chunks }) => findParameters(chunks.parameters)).filter((one) => one !== undefined)
  const kept = CHUNK_PARAMETERS.findLast((one) => used.includes(one))
  return kept ?? chooseParameters(Math.max(...given.map(({ path }) => statSync(path).size)))
}

function describe(inspections: readonly Inspection[]): Omit<TakenFiles, 'files' | 'content'> {
  const tables = inspections.filter(({ kind }) => kind !== 'opaque')
  const [first, ...others] = tables
  const same = first !== undefined && others.every(({ schema }) => isDeepStrictEqual(schema, first.schema))
  const sample = first?.sample.rows.length ? first.sample : undefined
  return {
    schema: same ? first.schema : null,
    proposed: same && first.proposed,
    sample,
    warnings: inspections.flatMap(({ warnings }) => warnings),
    rows: first === undefined ? null : tables.reduce((sum, { rows }) => sum + rows, 0),
  }
}

function contentOf(files: readonly ManifestFile[], schema: TableSchema | null): string {
  const named = files.map((file) => [file.path, file.mediaType, file.sha256]).sort()
  return sha256(JSON.stringify([named, schema]))
}
