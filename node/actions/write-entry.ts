import { isDeepStrictEqual } from 'node:util'
import { toReadable } from '#schemas/catalog/display-text.ts'
import type { Meta } from '#schemas/catalog/meta.ts'
import { checkRecordRules } from '#schemas/catalog/rules.ts'
import type { Clock } from '#schemas/clock.ts'
import { openGeneralDocument, parseDocument, type Signer } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import { type Datasets, type EntryRow, payloadOf, type VersionRow } from '../store/datasets.ts'
import type { Sample } from '../tables/inspection.ts'
import type { TableSchema } from '../tables/table-schema.ts'
import type { Membership } from './own-membership.ts'

/** What an entry says of the version it announces. */
export interface Announced {
  readonly version: Pick<VersionRow, 'version' | 'manifest' | 'bytes' | 'text'>
  readonly schema: TableSchema | null
  readonly sample: Sample | undefined
}

interface Deps {
  readonly trust: Trust
  readonly clock: Clock
  readonly signer: () => Signer
  readonly datasets: Datasets
  readonly membership: () => Membership
}

/** What the catalog shows of a very wide table; the whole schema is in the manifest. */
const MOST_FIELDS = 1000
const MOST_COLUMNS = 200

/** A signed entry that follows on the newest of its dataset (Protocol 4.1); the catalog's rules are kept before it is signed. */
export function writeEntry(
  { trust, clock, signer, datasets, membership }: Deps,
  dataset: string,
  meta: Meta,
  { version, schema, sample }: Announced,
): EntryRow {
  const { member, memberClass, phase } = membership()
  const before = datasets.newest(dataset)
  const earlier = datasets.newestEntry(dataset)
  const earlierPayload = earlier && payloadOf(earlier)
  const { files } = parseDocument('manifest', version.text).payload
  const payload: CatalogEntry = {
    kind: 'catalog-entry',
    net: trust.net,
    jti: newJti(),
    iat: clock.now(),
    dataset,
    member,
    owners: meta.ownership === 'JOINT' ? (meta.owners ?? []) : [member],
    sequence: (before?.sequence ?? 0) + 1,
    terms: termsAfter(before, earlierPayload, meta),
    version: version.version,
    manifest: version.manifest,
    issued: earlierPayload?.issued ?? clock.stamp(),
    modified: clock.stamp(),
    bytes: version.bytes,
    files: files.map(({ path, mediaType, bytes }) => ({ path, mediaType, bytes })),
    ...(schema === null
      ? {}
      : {
          fields: schema.fields.slice(0, MOST_FIELDS).map(({ name, title, description, type }) => ({
            name: clip(name, 200),
            ...(title === undefined ? {} : { title: clip(title, 200) }),
            ...(description === undefined ? {} : { description: clip(description, 200) }),
            type: type ?? 'any',
          })),
        }),
    meta,
    ...sampleOf(meta, sample),
  }
  checkRecordRules(payload, { phase, now: clock.now(), member, memberClass })
  const text = openGeneralDocument('catalog-entry', payload, signer(), { role: 'owner', iat: payload.iat })
  if (!(Buffer.byteLength(text) <= LIMITS.catalogEntryBytes))
    throw new Refusal('BODY_TOO_LARGE', { kind: 'catalog-entry' })
  const { id } = parseDocument('catalog-entry', text)
  return {
    id,
    dataset,
    sequence: payload.sequence,
    kind: 'catalog-entry',
    terms: payload.terms,
    version: payload.version,
    text,
    // What co-owners have yet to sign binds nobody, so it is no standing offer either.
    state: payload.owners.length > 1 ? 'waiting' : 'queued',
    problem: null,
  }
}

/** Goes up exactly when somebody who accepted the earlier offer might not accept this one; a withdrawn offer that comes back is a new one. */
function termsAfter(before: EntryRow | undefined, earlier: CatalogEntry | undefined, meta: Meta): number {
  if (before === undefined || earlier === undefined) return 1
  const same = before.kind === 'catalog-entry' && isDeepStrictEqual(offerOf(meta), offerOf(earlier.meta))
  return same ? earlier.terms : Math.max(before.terms, earlier.terms) + 1
}

function offerOf({ sharing, audience, price }: Meta): object {
  return { sharing, audience: audience.toSorted(), price }
}

/** The only rows of a dataset that the hub ever shows: as many as the owner agreed to, at most 64 KiB. */
function sampleOf(
  { sample: agreed }: Meta,
  sample: Sample | undefined,
): Pick<CatalogEntry, 'sample'> | Record<string, never> {
  if (agreed === undefined || sample === undefined) return {}
  const columns = sample.columns.slice(0, MOST_COLUMNS).map((name) => clip(name, 200))
  const rows = sample.rows
    .slice(0, agreed.rows)
    .map((row) => row.slice(0, MOST_COLUMNS).map((cell) => clip(cell, 2000)))
  while (rows.length > 0 && Buffer.byteLength(JSON.stringify({ columns, rows })) > LIMITS.sampleBytes) rows.pop()
  return rows.length === 0 ? {} : { sample: { columns, rows } }
}

/** The first characters of a text as it may be shown, none of them cut in half. */
function clip(text: string, characters: number): string {
  const shown = toReadable(text)
  return shown.length <= characters ? shown : [...shown].slice(0, characters).join('')
}
