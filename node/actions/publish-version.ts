import { isDeepStrictEqual } from 'node:util'
import { fillMeta, parseMeta } from '#schemas/catalog/fill-meta.ts'
import type { Meta } from '#schemas/catalog/meta.ts'
import { checkCatalogRules } from '#schemas/catalog/rules.ts'
import type { Clock } from '#schemas/clock.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { Blobs } from '../store/blobs.ts'
import { type Datasets, type EntryRow, type EntryState, payloadOf, type VersionRow } from '../store/datasets.ts'
import { inspectFile } from '../tables/inspect.ts'
import type { Sample } from '../tables/inspection.ts'
import type { Reading } from '../tables/reading.ts'
import type { TableSchema } from '../tables/table-schema.ts'
import type { Delivery } from './deliver-documents.ts'
import { isOnItsWay } from './deliver-documents.ts'
import type { Membership } from './own-membership.ts'
import { type TakenFiles, takeFiles } from './take-files.ts'
import type { InTurn } from './take-turns.ts'
import { writeEntry } from './write-entry.ts'

export interface PublishDeps {
  readonly trust: Trust
  readonly clock: Clock
  readonly commit: Commit
  readonly journal: Journal
  readonly signer: () => Signer
  readonly blobs: Blobs
  readonly datasets: Datasets
  readonly transfers: Pick<Transfers, 'pathOf' | 'discard'>
  readonly delivery: Pick<Delivery, 'post'>
  readonly pinPaper: (text: string) => void
  readonly membership: () => Membership
  readonly inTurn: InTurn
}

/** `meta` and `schema` as a person wrote them; `files` by the upload that holds their bytes, none to revise META only. */
export interface Publication {
  readonly meta: unknown
  readonly schema?: unknown
  readonly files: readonly { readonly name: string; readonly upload: string; readonly reading?: Reading | undefined }[]
}

/** What `publish` prints. `state` is `queued` while the hub is away; `unchanged`: nothing was new. */
export interface Published {
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly entry: string
  readonly bytes: number
  readonly chunks: number
  readonly schema: object | null
  readonly proposed: boolean
  readonly state: EntryState
  readonly unchanged: boolean
  readonly warnings: readonly unknown[]
}

/**
 * Publishes a dataset's next version, or revises its description. Files first, by their hashes; then manifest, entry and
 * what is to be sent in one transaction; then the hub. A refusal leaves all of it in place, to be corrected by publishing again.
 */
export function createPublish(deps: PublishDeps) {
  async function publish(
    publication: Publication,
    context: Pick<ActionContext, 'progress' | 'signal'>,
  ): Promise<Published> {
    try {
      const input = parseMeta(publication.meta)
      const meta = fillMeta(input)
      const { member, memberClass, phase } = deps.membership()
      checkCatalogRules(meta, { phase, now: deps.clock.now(), member, memberClass })
      const dataset = `${member}/${meta.slug}`
      const schema = publication.schema ?? input.schema
      return await deps.inTurn(dataset, () =>
        publishNext(deps, { dataset, meta, schema, files: publication.files }, context),
      )
    } finally {
      for (const { upload } of publication.files) deps.transfers.discard(upload)
    }
  }

  return publish
}

interface Next {
  readonly dataset: string
  readonly meta: Meta
  /** As declared, unchecked. */
  readonly schema: unknown
  readonly files: Publication['files']
}

async function publishNext(
  deps: PublishDeps,
  { dataset, meta, schema, files }: Next,
  context: Pick<ActionContext, 'progress' | 'signal'>,
): Promise<Published> {
  const { datasets, blobs } = deps
  const last = datasets.lastVersion(dataset)
  if (files.length === 0 && last === undefined)
    throw new Refusal('USAGE', { rule: 'the first version of a dataset needs a file', dataset })
  const taken =
    files.length === 0
      ? undefined
      : await takeFiles(
          blobs,
          files.map(({ name, upload, reading }) => ({ name, path: deps.transfers.pathOf(upload), reading })),
          {
            schema,
            sampleRows: meta.sample?.rows ?? 0,
            earlier: last === undefined ? [] : parseDocument('manifest', last.text).payload.files,
            ...context,
          },
        )
  const isNew = taken !== undefined && taken.content !== last?.content
  const version = isNew ? writeVersion(deps, dataset, last, taken) : (last as VersionRow)
  const announced = {
    version,
    schema: schemaOf(version),
    sample: taken?.sample ?? (await sampleOf(deps, dataset, version, meta)),
  }
  const standing = datasets.newest(dataset)
  const unchanged =
    !isNew &&
    standing?.kind === 'catalog-entry' &&
    standing.version === version.version &&
    isDeepStrictEqual(payloadOf(standing).meta, meta)
  const result = (entry: EntryRow, state: EntryState): Published => ({
    dataset,
    version: version.version,
    manifest: version.manifest,
    entry: entry.id,
    bytes: version.bytes,
    chunks: version.chunks,
    schema: announced.schema,
    proposed: taken?.proposed ?? false,
    state,
    unchanged,
    warnings: taken?.warnings ?? [],
  })
  if (unchanged) return result(standing, standing.state)
  context.progress({ phase: 'sign', done: 0, total: 0, unit: 'steps' })
  const entry = writeEntry(deps, dataset, meta, announced)
  context.progress({ phase: 'send', done: 0, total: 0, unit: 'steps' })
  return result(entry, await announce(deps, entry, isNew ? version : undefined))
}

/** One transaction for what belongs together, then the hub's answer; its absence is no failure, its refusal is. */
async function announce(
  { delivery, datasets, journal, pinPaper }: PublishDeps,
  entry: EntryRow,
  version: VersionRow | undefined,
): Promise<EntryState> {
  const parcel = {
    lane: `dataset:${entry.dataset}`,
    path: '/v1/catalog-entries',
    field: 'entry',
    kind: 'catalog-entry',
    document: entry.id,
    text: entry.text,
  } as const
  try {
    await delivery.post(parcel, () => {
      if (version !== undefined) {
        datasets.addVersion(version)
        pinPaper(version.text)
        journal.append('manifest', version.manifest)
      }
      datasets.addEntry(entry)
      pinPaper(entry.text)
      journal.append('catalog-entry', entry.id)
    })
  } catch (error) {
    if (!isOnItsWay(error)) throw error
  }
  return datasets.findEntry(entry.id)?.state ?? 'queued'
}

function writeVersion(
  { trust, clock, signer }: PublishDeps,
  dataset: string,
  last: VersionRow | undefined,
  taken: TakenFiles,
): VersionRow {
  const version = (last?.version ?? 0) + 1
  const text = signDocument(
    'manifest',
    {
      net: trust.net,
      iat: clock.now(),
      dataset,
      version,
      salt: newJti(),
      previous: last?.manifest ?? null,
      schema: taken.schema as Record<string, unknown> | null,
      files: [...taken.files],
    },
    signer(),
  )
  const sum = (of: (file: TakenFiles['files'][number]) => number) =>
    taken.files.reduce((total, file) => total + of(file), 0)
  return {
    dataset,
    version,
    manifest: parseDocument('manifest', text).id,
    text,
    content: taken.content,
    bytes: sum(({ bytes }) => bytes),
    chunks: sum(({ chunks }) => chunks.count),
    rows: taken.rows,
  }
}

function schemaOf({ text }: VersionRow): TableSchema | null {
  return parseDocument('manifest', text).payload.schema as TableSchema | null
}

/** For a revision that asks for a sample: the rows of the first table that the version holds. */
async function sampleOf(
  { blobs, datasets }: PublishDeps,
  dataset: string,
  version: VersionRow,
  meta: Meta,
): Promise<Sample | undefined> {
  if (meta.sample === undefined) return undefined
  const entry = datasets.newestEntry(dataset)
  const earlier = entry?.version === version.version ? payloadOf(entry).sample : undefined
  if (earlier !== undefined && earlier.rows.length >= meta.sample.rows) return earlier
  const { files, schema } = parseDocument('manifest', version.text).payload
  for (const { path, sha256 } of files) {
    const { kind, sample } = await inspectFile(blobs.pathOf(sha256), {
      name: path,
      schema,
      sampleRows: meta.sample.rows,
    })
    if (kind !== 'opaque' && sample.rows.length > 0) return sample
  }
  return undefined
}
