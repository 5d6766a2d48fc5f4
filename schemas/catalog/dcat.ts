import { CLASSIFICATIONS } from '../codes/classifications.ts'
import { CONTENT_CLASSES } from '../codes/content-classes.ts'
import { findIndustryLabel, INDUSTRY_EDITION } from '../codes/industries.ts'
import type { Label } from '../codes/label.ts'
import { PERIODICITIES } from '../codes/periodicities.ts'
import { findDays } from '../codes/periods.ts'
import { findRegionLabel } from '../codes/regions.ts'
import { SHARING } from '../codes/sharing.ts'
import { THEMES } from '../codes/themes.ts'
import type { Meta } from './meta.ts'
import { datasetUrn, toOdrlOffer } from './odrl.ts'
import type { CatalogFile, CatalogRecord } from './record.ts'

/** Written into what we send, never processed: nobody's context decides what our terms mean. */
const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  odrl: 'http://www.w3.org/ns/odrl/2/',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const

/** Whose catalog it is: `baseUrl` without a final slash, `publisher` the member or hub that shows it. */
export interface DcatOptions {
  readonly title: Label
  readonly publisher: { readonly id?: string | undefined; readonly name: string }
  readonly baseUrl: string
  /** Names of members by their id; a publisher without one is shown by its id. */
  readonly names?: ReadonlyMap<string, string>
  /** Address of the next page of the same catalog. */
  readonly next?: string | undefined
}

/** DCAT 3 catalog as JSON-LD. Distributions have no download address: data leave a node under an agreement only. */
export function toDcatCatalog(entries: Iterable<CatalogRecord>, options: DcatOptions): Record<string, unknown> {
  return {
    '@context': CONTEXT,
    '@id': `${options.baseUrl}/catalog`,
    '@type': 'dcat:Catalog',
    'dct:title': texts(options.title),
    'dct:publisher': agent(options.publisher.id, options.publisher.name),
    'dcat:dataset': [...entries].map((record) => toDcatDataset(record, options)),
    ...(options.next !== undefined && { 'rdfs:seeAlso': { '@id': options.next } }),
  }
}

/** One dataset of such a catalog; its context is the catalog's. */
export function toDcatDataset(record: CatalogRecord, options: Pick<DcatOptions, 'names'>): Record<string, unknown> {
  const { meta, dataset } = record
  return defined({
    '@id': datasetUrn(dataset),
    '@type': 'dcat:Dataset',
    'dct:identifier': dataset,
    'dct:title': texts(meta.title),
    'dct:description': meta.description && texts(meta.description),
    'dct:publisher': agent(record.member, options.names?.get(record.member)),
    'dct:creator': meta.owners?.map((owner) => agent(owner, options.names?.get(owner))),
    'dcat:version': String(record.version),
    'dct:issued': time(record.issued),
    'dct:modified': time(record.modified),
    'dcat:keyword': meta.keywords?.map((keyword) => ({ '@language': 'zh', '@value': keyword })),
    'dcat:theme': concepts(meta),
    'dct:spatial': place(meta.region),
    'dct:temporal': meta.period && periodOfTime(meta.period),
    'dct:accrualPeriodicity': {
      '@id': `urn:hanghui:periodicity:${meta.periodicity}`,
      '@type': 'dct:Frequency',
      'rdfs:label': texts(PERIODICITIES[meta.periodicity]),
    },
    'dct:accessRights': {
      '@id': `urn:hanghui:sharing:${meta.sharing}`,
      '@type': 'dct:RightsStatement',
      'rdfs:label': texts(SHARING[meta.sharing]),
    },
    'dct:rights': { '@type': 'dct:RightsStatement', 'rdfs:label': texts(CLASSIFICATIONS[meta.classification]) },
    'odrl:hasPolicy': toOdrlOffer(dataset, meta),
    'dcat:contactPoint': contact(meta),
    'dct:relation': meta.relations?.related?.map((related) => ({ '@id': datasetUrn(related) })),
    'dcat:qualifiedRelation': inChain(meta.relations),
    'dcat:distribution': record.files.map((file) => distribution(dataset, file, record.version)),
  })
}

function distribution(dataset: string, file: CatalogFile, version: number): Record<string, unknown> {
  return {
    '@id': `${datasetUrn(dataset)}:${version}:${encodeURIComponent(file.path)}`,
    '@type': 'dcat:Distribution',
    'dct:title': file.path,
    'dcat:mediaType': file.mediaType,
    'dcat:byteSize': { '@value': String(file.bytes), '@type': 'xsd:nonNegativeInteger' },
  }
}

function concepts(meta: Meta): readonly object[] {
  const { contentClass } = meta
  const kind = concept(`urn:hanghui:content-class:${contentClass}`, CONTENT_CLASSES[contentClass], String(contentClass))
  const theme = meta.theme && concept(`urn:hanghui:theme:${meta.theme}`, THEMES[meta.theme], meta.theme)
  const scheme = encodeURIComponent(INDUSTRY_EDITION)
  const industries = meta.industries.map((code) =>
    concept(`urn:hanghui:industry:${scheme}:${code}`, findIndustryLabel(code), code),
  )
  return [kind, ...(theme ? [theme] : []), ...industries]
}

function concept(id: string, label: Label | undefined, notation: string): object {
  return {
    '@id': id,
    '@type': 'skos:Concept',
    'skos:notation': notation,
    ...(label && { 'skos:prefLabel': texts(label) }),
  }
}

function place(region: string): object {
  const label = findRegionLabel(region)
  return { '@type': 'dct:Location', 'dct:identifier': region, ...(label && { 'rdfs:label': texts(label) }) }
}

function periodOfTime({ from, to }: { readonly from: string; readonly to: string }): object {
  const date = (day: Temporal.PlainDate | undefined) => day && { '@value': day.toString(), '@type': 'xsd:date' }
  return defined({
    '@type': 'dct:PeriodOfTime',
    'dcat:startDate': date(findDays(from)?.from),
    'dcat:endDate': date(findDays(to)?.to),
  })
}

function contact({ responsible }: Meta): object {
  const { unit, person, contact: reach } = responsible
  return defined({ '@type': 'vcard:Kind', 'vcard:organization-name': unit, 'vcard:fn': person, 'vcard:note': reach })
}

function agent(id: string | undefined, name: string | undefined): object {
  return defined({
    '@id': id && `urn:hanghui:member:${id}`,
    '@type': 'foaf:Organization',
    'dct:identifier': id,
    'foaf:name': name ?? id,
  })
}

/** Upstream and downstream are places in a chain of industries, not the lineage of data: no `dct:source`, no PROV. */
function inChain(relations: Meta['relations']): readonly object[] | undefined {
  const roles = ['upstream', 'downstream'] as const
  return relations && roles.flatMap((role) => (relations[role] ?? []).map((dataset) => relationship(role, dataset)))
}

function relationship(role: string, dataset: string): object {
  return {
    '@type': 'dcat:Relationship',
    'dct:relation': { '@id': datasetUrn(dataset) },
    'dcat:hadRole': { '@id': `urn:hanghui:role:${role}` },
  }
}

function texts({ zh, en }: { readonly zh: string; readonly en?: string | undefined }): readonly object[] {
  const one = (language: string, value: string) => ({ '@language': language, '@value': value })
  return en === undefined ? [one('zh', zh)] : [one('zh', zh), one('en', en)]
}

function time(value: string): object {
  return { '@value': value, '@type': 'xsd:dateTime' }
}

function defined(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ''))
}
