import type { FromSchema } from 'json-schema-to-ts'
import * as agreement from './documents/agreement.ts'
import * as catalog from './documents/catalog.ts'
import * as trust from './documents/trust.ts'
import { LIMITS } from './limits.ts'

/**
 * Every kind of document: its schema, its greatest size in bytes, and whether it bears one signature (compact JWS)
 * or one per party (general JSON form). `typ` follows from the name: `hanghui-<kind>.v1+jws`.
 */
export const KINDS = {
  root: { schema: trust.ROOT, form: 'general', mostBytes: 262_144 },
  directory: { schema: trust.DIRECTORY, form: 'compact', mostBytes: 1_048_576 },
  status: { schema: trust.STATUS_LIST, form: 'compact', mostBytes: 4_194_304 },
  admission: { schema: trust.ADMISSION, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  sponsorship: { schema: trust.SPONSORSHIP, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  'sponsorship-revocation': {
    schema: trust.SPONSORSHIP_REVOCATION,
    form: 'compact',
    mostBytes: LIMITS.controlBodyBytes,
  },
  'certificate-request': { schema: trust.CERTIFICATE_REQUEST, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  'catalog-entry': { schema: catalog.CATALOG_ENTRY, form: 'general', mostBytes: LIMITS.catalogEntryBytes },
  tombstone: { schema: catalog.TOMBSTONE, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  manifest: { schema: catalog.MANIFEST, form: 'compact', mostBytes: LIMITS.catalogEntryBytes },
  request: { schema: agreement.REQUEST, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  offer: { schema: agreement.OFFER, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  consent: { schema: agreement.CONSENT, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  refusal: { schema: agreement.REFUSAL, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  decision: { schema: agreement.DECISION, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  agreement: { schema: agreement.AGREEMENT, form: 'general', mostBytes: LIMITS.controlBodyBytes },
  'agreement-change': { schema: agreement.AGREEMENT_CHANGE, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  'grant-request': { schema: agreement.GRANT_REQUEST, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  grant: { schema: agreement.GRANT, form: 'compact', mostBytes: LIMITS.headerBytes },
  'pull-order': { schema: agreement.PULL_ORDER, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  delivery: { schema: agreement.DELIVERY, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
  acknowledgement: { schema: agreement.ACKNOWLEDGEMENT, form: 'compact', mostBytes: LIMITS.controlBodyBytes },
} as const

/** Name of a document kind. */
export type Kind = keyof typeof KINDS

/**
 * Payloads by kind, derived from the schemas. Written out row by row: a mapped type would make the compiler expand
 * every schema at each generic use.
 */
export interface Payloads {
  root: FromSchema<typeof trust.ROOT>
  directory: FromSchema<typeof trust.DIRECTORY>
  status: FromSchema<typeof trust.STATUS_LIST>
  admission: FromSchema<typeof trust.ADMISSION>
  sponsorship: FromSchema<typeof trust.SPONSORSHIP>
  'sponsorship-revocation': FromSchema<typeof trust.SPONSORSHIP_REVOCATION>
  'certificate-request': FromSchema<typeof trust.CERTIFICATE_REQUEST>
  'catalog-entry': FromSchema<typeof catalog.CATALOG_ENTRY>
  tombstone: FromSchema<typeof catalog.TOMBSTONE>
  manifest: FromSchema<typeof catalog.MANIFEST>
  request: FromSchema<typeof agreement.REQUEST>
  offer: FromSchema<typeof agreement.OFFER>
  consent: FromSchema<typeof agreement.CONSENT>
  refusal: FromSchema<typeof agreement.REFUSAL>
  decision: FromSchema<typeof agreement.DECISION>
  agreement: FromSchema<typeof agreement.AGREEMENT>
  'agreement-change': FromSchema<typeof agreement.AGREEMENT_CHANGE>
  'grant-request': FromSchema<typeof agreement.GRANT_REQUEST>
  grant: FromSchema<typeof agreement.GRANT>
  'pull-order': FromSchema<typeof agreement.PULL_ORDER>
  delivery: FromSchema<typeof agreement.DELIVERY>
  acknowledgement: FromSchema<typeof agreement.ACKNOWLEDGEMENT>
}

/** Payload of a kind. */
export type Payload<K extends Kind> = Payloads[K]

export type Root = Payload<'root'>
export type Directory = Payload<'directory'>
export type StatusListDocument = Payload<'status'>
export type MemberEntry = FromSchema<typeof trust.MEMBER_ENTRY>
export type RegisteredCertificate = MemberEntry['certificates'][number]
export type CatalogEntry = Payload<'catalog-entry'>
export type Manifest = Payload<'manifest'>
export type ManifestFile = Manifest['files'][number]
export type Terms = FromSchema<typeof agreement.TERMS>
export type Agreement = Payload<'agreement'>
export type Grant = Payload<'grant'>
export type PullOrder = Payload<'pull-order'>

/** The fixed `typ` of a kind (RFC 8725 §3.11: explicit typing). */
export function typOf(kind: Kind): string {
  return `hanghui-${kind}.v1+jws`
}

/** The kind a `typ` names, or undefined. */
export function kindOfTyp(typ: string): Kind | undefined {
  const name = /^hanghui-([a-z-]+)\.v1\+jws$/.exec(typ)?.[1]
  return name !== undefined && Object.hasOwn(KINDS, name) ? (name as Kind) : undefined
}
