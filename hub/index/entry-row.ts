import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { industryPath } from '#schemas/codes/industries.ts'
import { nextDue } from '#schemas/codes/periodicities.ts'
import { provinceOf } from '#schemas/codes/regions.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import { WITHOUT_INDUSTRY } from './facet-lists.ts'
import type { FacetValues } from './facets.ts'
import { toIndexTokens } from './tokens.ts'

/**
 * What the hub knows of an entry beside the entry itself; `sequenceNumber`: its place in the hub's journal, the order of arrival;
 * `released`: when its version first came (RFC 3339), if that was with an earlier entry.
 */
export interface EntryExtra {
  readonly memberName: string
  readonly memberClass: MemberClass
  /** Of a JOINT dataset: those who own it with the member. */
  readonly coOwners?: readonly IndexedMember[] | undefined
  readonly sequenceNumber: number
  readonly released?: string | undefined
}

/** Name and class of a member as last heard. */
export interface IndexedMember {
  readonly id: string
  readonly name: string
  readonly class: MemberClass
}

/** The member who publishes an entry and those who own it with him. */
export function ownersOf(
  { member }: CatalogRecord,
  { memberName, memberClass, coOwners = [] }: EntryExtra,
): readonly IndexedMember[] {
  return [{ id: member, name: memberName, class: memberClass }, ...coOwners]
}

/** What lists show of an entry. Times RFC 3339 UTC; `due`: day (Beijing time) until whose end the next period is due. */
export interface CatalogItem {
  readonly dataset: string
  readonly title: { readonly zh: string; readonly en?: string | undefined }
  readonly description?: { readonly zh: string; readonly en?: string | undefined } | undefined
  readonly member: string
  readonly memberName: string
  readonly memberClass: MemberClass
  readonly version: number
  readonly contentClass: number
  readonly theme?: string | undefined
  readonly industries: readonly string[]
  readonly region: string
  readonly period?: { readonly from: string; readonly to: string } | undefined
  readonly periodicity: string
  readonly due?: string | undefined
  readonly sharing: string
  readonly legalBasis: string
  readonly price?: { readonly amount: string; readonly currency: string; readonly unit: string } | undefined
  readonly keywords: readonly string[]
  readonly formats: readonly string[]
  readonly files: number
  readonly bytes: number
  readonly issued: string
  readonly modified: string
  /** When this version first came; `modified` also moves with corrections of the description. */
  readonly released: string
  readonly used: number
}

/** The part of an item that is kept with its row; names and uses are kept apart, since they change by themselves. */
export type StoredItem = Omit<CatalogItem, 'memberName' | 'memberClass' | 'used'>

/** Columns of the full-text table. */
export interface EntryWords {
  readonly title: string
  readonly keywords: string
  readonly body: string
  readonly ids: string
}

const shownCharacters = 300

/** The item that lists show. */
export function toItem(record: CatalogRecord, released = record.modified): StoredItem {
  const { meta } = record
  return {
    dataset: record.dataset,
    title: meta.title,
    ...(meta.description && { description: shorten(meta.description) }),
    member: record.member,
    version: record.version,
    contentClass: meta.contentClass,
    theme: meta.theme,
    industries: meta.industries,
    region: meta.region,
    period: meta.period,
    periodicity: meta.periodicity,
    due: nextDue(meta.periodicity, meta.period?.to, true)?.toString(),
    sharing: meta.sharing,
    legalBasis: meta.legalBasis,
    price: meta.price,
    keywords: meta.keywords ?? [],
    formats: [...new Set(record.files.map((file) => file.mediaType))],
    files: record.files.length,
    bytes: record.bytes,
    issued: record.issued,
    modified: record.modified,
    released,
  }
}

/** Values by which the entry can be narrowed down: codes with all those above them, and each of its owners. */
export function toFacetValues({ meta }: CatalogRecord, owners: readonly IndexedMember[]): FacetValues {
  const industries = new Set(meta.industries.flatMap(industryPath))
  return {
    class: String(meta.contentClass),
    theme: meta.theme ?? '',
    industry: industries.size === 0 ? WITHOUT_INDUSTRY : [...industries].sort().join(' '),
    member: owners.map(({ id }) => id).join(' '),
    region: [...new Set([provinceOf(meta.region), meta.region])].join(' '),
    sharing: meta.sharing,
    periodicity: meta.periodicity,
    price: meta.price === undefined ? 'free' : 'priced',
  }
}

/** Words under which the entry is found; what stands in title and ids weighs most. */
export function toWords({ meta, dataset, fields }: CatalogRecord, owners: readonly IndexedMember[]): EntryWords {
  const columns = (fields ?? []).flatMap((field) => [field.name, field.title])
  const names = owners.map(({ name }) => name)
  const body = [meta.description?.zh, meta.description?.en, ...names, meta.responsible.unit, ...columns]
  return {
    title: tokensOf([meta.title.zh, meta.title.en]),
    keywords: tokensOf(meta.keywords ?? []),
    body: tokensOf(body),
    ids: toIndexTokens(dataset),
  }
}

function tokensOf(texts: readonly (string | undefined)[]): string {
  return texts.map((text) => toIndexTokens(text ?? '')).join(' ')
}

function shorten(description: { readonly zh: string; readonly en?: string | undefined }) {
  const cut = (text: string) => [...text.slice(0, shownCharacters * 2)].slice(0, shownCharacters).join('')
  return { zh: cut(description.zh), ...(description.en !== undefined && { en: cut(description.en) }) }
}
