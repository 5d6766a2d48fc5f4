/** The certificate extensions of the profile (RFC 5280 section 4.2), read strictly. What is not in the table is reported, not read. */
import { contextTag, type Der, DerError, fieldsOf, readDer, TAG } from './der.ts'
import { readBoolean, readNamedBits, readOid, readSmallInteger } from './der-values.ts'
import { PkiError } from './error.ts'

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const

/** Extended key usages (RFC 5280 section 4.2.1.12; documentSigning: RFC 9336). */
export const EKU = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  documentSigning: '1.3.6.1.5.5.7.3.36',
} as const

/** RFC 5280 section 4.2.1.3, in the order of the bits. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof KEY_USAGES)[number]

export interface ExtensionEntry {
  readonly oid: string
  readonly critical: boolean
}

export interface CertificateExtensions {
  /** Every extension in order, known or not. */
  readonly entries: readonly ExtensionEntry[]
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number }
  readonly keyUsage?: readonly KeyUsage[]
  /** OIDs. */
  readonly extendedKeyUsage?: readonly string[]
  readonly subjectAltNames?: {
    readonly dns: readonly string[]
    readonly ip: readonly string[]
    readonly uri: readonly string[]
  }
  /** Lower-case hex. */
  readonly subjectKeyIdentifier?: string
  /** Lower-case hex. */
  readonly authorityKeyIdentifier?: string
  readonly crlDistributionPoints?: readonly string[]
  /** OIDs. */
  readonly policies?: readonly string[]
}

type Part = Omit<CertificateExtensions, 'entries'>

const READERS: Readonly<Record<string, (value: Der) => Part>> = {
  [EXTENSION.basicConstraints]: (value) => ({ basicConstraints: readBasicConstraints(value) }),
  [EXTENSION.keyUsage]: (value) => ({ keyUsage: readKeyUsage(value) }),
  [EXTENSION.extendedKeyUsage]: (value) => ({ extendedKeyUsage: readOidList(value, (part) => readOid(part)) }),
  [EXTENSION.certificatePolicies]: (value) => ({
    policies: readOidList(value, (part) => readOid(fieldsOf(part, TAG.sequence).next(TAG.oid))),
  }),
  [EXTENSION.subjectAltName]: (value) => ({ subjectAltNames: readGeneralNames(partsOfSequence(value)) }),
  [EXTENSION.subjectKeyIdentifier]: (value) => ({ subjectKeyIdentifier: readKeyIdentifier(value, TAG.octetString) }),
  [EXTENSION.authorityKeyIdentifier]: (value) => ({ authorityKeyIdentifier: readAuthorityKeyIdentifier(value) }),
  [EXTENSION.crlDistributionPoints]: (value) => ({ crlDistributionPoints: readDistributionPoints(value) }),
}

/** All extensions of a certificate; throws DerError, or CERTIFICATE_PROFILE for a duplicate (RFC 5280 section 4.2). */
export function readExtensions(list: Der): CertificateExtensions {
  const entries: ExtensionEntry[] = []
  let known: Part = {}
  for (const { oid, critical, value } of readExtensionList(list, 'CERTIFICATE_PROFILE')) {
    entries.push(Object.freeze({ oid, critical }))
    const read = Object.hasOwn(READERS, oid) ? READERS[oid] : undefined
    if (read !== undefined) known = { ...known, ...read(readDer(value)) }
  }
  return Object.freeze({ entries: Object.freeze(entries), ...known })
}

/** Entries of an Extensions sequence, of a certificate, a CRL or a CRL entry; a second one of the same type is `code` with rule `duplicate-extension`. */
export function readExtensionList(
  list: Der,
  code: 'CERTIFICATE_PROFILE' | 'CRL_INVALID',
): (ExtensionEntry & { readonly value: Buffer })[] {
  const seen = new Set<string>()
  return partsOfSequence(list).map((extension) => {
    const fields = fieldsOf(extension, TAG.sequence)
    const oid = readOid(fields.next(TAG.oid))
    const flag = fields.optional(TAG.boolean)
    // X.690 section 11.5: a default value is left out, so a written FALSE is not DER.
    if (flag !== undefined && !readBoolean(flag)) throw new DerError('written default')
    const value = fields.next(TAG.octetString).content
    fields.end()
    // One reader would obey the first of two, another the last.
    if (seen.has(oid)) throw new PkiError(code, 'duplicate-extension', { oid })
    seen.add(oid)
    return { oid, critical: flag !== undefined, value }
  })
}

function partsOfSequence(value: Der): readonly Der[] {
  if (!(value.tag === TAG.sequence && value.parts.length > 0)) throw new DerError('empty sequence')
  return value.parts
}

function readBasicConstraints(value: Der): { ca: boolean; pathLength?: number } {
  const fields = fieldsOf(value, TAG.sequence)
  const flag = fields.optional(TAG.boolean)
  if (flag !== undefined && !readBoolean(flag)) throw new DerError('written default')
  const length = fields.optional(TAG.integer)
  fields.end()
  const ca = flag !== undefined
  return Object.freeze(length === undefined ? { ca } : { ca, pathLength: readSmallInteger(length) })
}

function readKeyUsage(value: Der): readonly KeyUsage[] {
  return Object.freeze(
    readNamedBits(value).map((bit) => {
      const usage = KEY_USAGES[bit]
      if (usage === undefined) throw new DerError('key usage')
      return usage
    }),
  )
}

function readOidList(value: Der, read: (part: Der) => string): readonly string[] {
  const oids = partsOfSequence(value).map(read)
  if (new Set(oids).size !== oids.length) throw new DerError('oid twice')
  return Object.freeze(oids)
}

function readKeyIdentifier(value: Der, tag: number): string {
  if (!(value.tag === tag && value.content.length >= 1 && value.content.length <= 64))
    throw new DerError('key identifier')
  return value.content.toString('hex')
}

/** The key identifier alone. Issuer and serial beside it would be a second way to name the issuer, and verifiers differ over which one counts. */
function readAuthorityKeyIdentifier(value: Der): string {
  const fields = fieldsOf(value, TAG.sequence)
  const identifier = readKeyIdentifier(fields.any(), contextTag(0, false))
  fields.end()
  return identifier
}

/** RFC 5280 section 4.2.1.6. Kinds that nothing here reads (mail, directory names, other names) are passed over. */
function readGeneralNames(names: readonly Der[]): {
  dns: readonly string[]
  ip: readonly string[]
  uri: readonly string[]
} {
  const found = { dns: [] as string[], ip: [] as string[], uri: [] as string[] }
  for (const { tag, content } of names) {
    if (tag === contextTag(2, false)) found.dns.push(asciiOf(content))
    else if (tag === contextTag(6, false)) found.uri.push(asciiOf(content))
    else if (tag === contextTag(7, false)) found.ip.push(addressOf(content))
    else if (!(tag >= 0x80 && tag < 0xc0)) throw new DerError('general name')
  }
  return Object.freeze(found)
}

function asciiOf(content: Buffer): string {
  if (!content.every((byte) => byte > 0x20 && byte < 0x7f)) throw new DerError('ascii')
  return content.toString('latin1')
}

/** Dotted IPv4, or IPv6 as eight groups without abbreviation. */
function addressOf(content: Buffer): string {
  if (content.length === 4) return [...content].join('.')
  if (content.length !== 16) throw new DerError('address')
  return Array.from({ length: 8 }, (_, group) => content.readUInt16BE(group * 2).toString(16)).join(':')
}

/** RFC 5280 section 4.2.1.13: the full names that are URIs. */
function readDistributionPoints(value: Der): readonly string[] {
  return partsOfSequence(value).flatMap((point) => {
    const name = fieldsOf(point, TAG.sequence).optional(contextTag(0, true))
    const fullName = name?.parts[0]
    return fullName?.tag === contextTag(0, true) ? readGeneralNames(fullName.parts).uri : []
  })
}
