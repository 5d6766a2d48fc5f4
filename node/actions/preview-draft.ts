import type { CatalogField, CatalogRecord } from '#schemas/catalog/record.ts'
import type { Clock } from '#schemas/clock.ts'
import { type Datasets, payloadOf } from '../store/datasets.ts'
import type { Draft, Drafts } from '../store/drafts.ts'
import type { Sample } from '../tables/inspection.ts'
import { readMeta, textOf } from './draft-meta.ts'
import { mediaTypeOf } from './media-type.ts'

interface Deps {
  readonly drafts: Drafts
  readonly datasets: Datasets
  readonly clock: Clock
}

/** What the catalogue would say once the draft is published. META_INVALID where the form is not whole. */
export function previewDraft({ drafts, datasets, clock }: Deps, member: string, draft: Draft): CatalogRecord {
  const meta = readMeta(draft.form)
  const dataset = `${member}/${meta.slug}`
  const earlier = datasets.newestEntry(dataset)
  const before = earlier && payloadOf(earlier)
  const files = draft.files.map((file) => {
    const look = drafts.findLook(draft, file)
    const seen = look !== undefined && 'found' in look ? look.found : { kind: 'opaque' as const, encoding: null }
    return { path: file.name, mediaType: mediaTypeOf(seen, file.name), bytes: file.bytes }
  })
  const sample = sampleOf({ drafts, datasets }, member, draft)
  const now = clock.stamp()
  return {
    dataset,
    member,
    sequence: (before?.sequence ?? 0) + 1,
    terms: before?.terms ?? 1,
    version: (datasets.lastVersion(dataset)?.version ?? 0) + (draft.files.length > 0 ? 1 : 0),
    manifest: '',
    issued: before?.issued ?? now,
    modified: now,
    bytes: files.length > 0 ? files.reduce((sum, { bytes }) => sum + bytes, 0) : (before?.bytes ?? 0),
    files: files.length > 0 ? files : (before?.files ?? []),
    ...(draft.schema === null ? {} : { fields: draft.schema.fields.map(fieldOf) }),
    meta,
    ...(meta.sample === undefined || sample === undefined
      ? {}
      : { sample: { columns: sample.columns, rows: sample.rows.slice(0, meta.sample.rows) } }),
  }
}

/** The rows from which a public sample would be taken: the first table's; where no file is new, what is public already. */
export function sampleOf(
  { drafts, datasets }: Pick<Deps, 'drafts' | 'datasets'>,
  member: string,
  draft: Draft,
): Sample | undefined {
  if (draft.files.length === 0) {
    const entry = datasets.newestEntry(`${member}/${textOf(draft.form, 'slug')}`)
    return entry && payloadOf(entry).sample
  }
  for (const file of draft.files) {
    const look = drafts.findLook(draft, file)
    if (look !== undefined && 'found' in look && look.found.sample.rows.length > 0) return look.found.sample
  }
  return undefined
}

function fieldOf({
  name,
  title,
  type = 'any',
  description,
}: NonNullable<Draft['schema']>['fields'][number]): CatalogField {
  return { name, type, ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
}
