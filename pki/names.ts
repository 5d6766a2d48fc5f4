/** Distinguished names: who a certificate speaks of (RFC 5280 section 4.1.2.4; organizationIdentifier as in ETSI EN 319 412-1 section 5.1.4). */
import { isIP } from 'node:net'
import { type Der, DerError, fieldsOf, TAG } from './der.ts'
import { readOid, readText } from './der-values.ts'
import { PkiError } from './error.ts'
import { isUscc } from './uscc.ts'

export const ATTRIBUTE = {
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  role: '2.5.4.11', // organizationalUnitName
  organizationIdentifier: '2.5.4.97',
} as const

/** What the holder of a certificate of our own authority is for. The verifier's EKU check comes on top. */
export const ROLES = [
  'root',
  'issuing',
  'node-tls',
  'node-signing',
  'hub-tls',
  'hub-directory',
  'hub-grant',
  'hub-log',
  'operator',
  'staff',
] as const
export type Role = (typeof ROLES)[number]

/** `NTR` national trade register, `CN`: the prefix of a 统一社会信用代码. */
const memberPrefix = 'NTRCN-'

export interface NameAttribute {
  readonly oid: string
  readonly value: string
}

/** A distinguished name: names are compared by `der`, byte for byte, which is stricter than RFC 5280 section 7.1 asks. */
export interface DistinguishedName {
  readonly der: Buffer
  readonly attributes: readonly NameAttribute[]
}

/** What goes into a subject, checked by `checkSubject` before anything is signed. */
export interface Subject {
  readonly commonName: string
  readonly organization: string
  readonly role: Role
  /** 统一社会信用代码 of the member; absent for the hub, its operators and its authorities. */
  readonly member?: string
}

/** RDNSequence with one attribute per RDN and no attribute type twice for those that name a party; throws DerError. */
export function readName(value: Der): DistinguishedName {
  const rdns = value.parts
  if (value.tag !== TAG.sequence) throw new DerError('name')
  const attributes = rdns.map((rdn) => {
    const set = fieldsOf(rdn, TAG.set)
    const fields = fieldsOf(set.next(TAG.sequence), TAG.sequence)
    // Two attributes in one RDN are one name with many spellings.
    set.end()
    const attribute = { oid: readOid(fields.next(TAG.oid)), value: readText(fields.any()) }
    fields.end()
    return Object.freeze(attribute)
  })
  for (const oid of [ATTRIBUTE.organizationIdentifier, ATTRIBUTE.role]) {
    // Two codes in one subject: one reader would take the first, another the last.
    if (attributes.filter((attribute) => attribute.oid === oid).length > 1) throw new DerError('attribute twice')
  }
  return Object.freeze({ der: value.raw, attributes: Object.freeze(attributes) })
}

/** The first value of an attribute, if the name has it. */
export function findAttribute(name: DistinguishedName, oid: string): string | undefined {
  return name.attributes.find((attribute) => attribute.oid === oid)?.value
}

/** `C=CN, O=…, OU=…, CN=…` for people. */
export function formatName(name: DistinguishedName): string {
  const short = new Map<string, string>([
    [ATTRIBUTE.commonName, 'CN'],
    [ATTRIBUTE.country, 'C'],
    [ATTRIBUTE.organization, 'O'],
    [ATTRIBUTE.role, 'OU'],
    [ATTRIBUTE.organizationIdentifier, 'organizationIdentifier'],
  ])
  return name.attributes.map(({ oid, value }) => `${short.get(oid) ?? oid}=${value}`).join(', ')
}

/** 统一社会信用代码 in a subject; undefined if its organizationIdentifier is of another register or absent; throws CERTIFICATE_IDENTITY if the code is wrong. */
export function findMember(subject: DistinguishedName): string | undefined {
  const identifier = findAttribute(subject, ATTRIBUTE.organizationIdentifier)
  if (identifier === undefined || !identifier.startsWith(memberPrefix)) return undefined
  const code = identifier.slice(memberPrefix.length)
  if (!isUscc(code)) throw new PkiError('CERTIFICATE_IDENTITY', 'member')
  return code
}

/** The member whom a certificate names, both check digits right; throws CERTIFICATE_IDENTITY. */
export function memberOfCertificate(certificate: { readonly subject: DistinguishedName }): string {
  const member = findMember(certificate.subject)
  if (member === undefined) throw new PkiError('CERTIFICATE_IDENTITY', 'member')
  return member
}

/** The role written in a certificate, if it is one of ours. Only our own authority's word counts: `verifyChain` refuses external anchors where a role matters. */
export function findRole(subject: DistinguishedName): Role | undefined {
  const unit = findAttribute(subject, ATTRIBUTE.role)
  return ROLES.find((role) => role === unit)
}

/** Throws NAME_INVALID unless every part can stand in a certificate (RFC 5280 appendix A: at most 64 characters) and the member's code is right. */
export function checkSubject(subject: Subject): Subject {
  for (const text of [subject.commonName, subject.organization]) {
    const length = [...text].length
    if (!(length >= 1 && length <= 64 && text.trim() === text && text.isWellFormed() && !/\p{Cc}/u.test(text)))
      throw new PkiError('NAME_INVALID', 'name', { name: text.slice(0, 80) })
  }
  if (subject.member !== undefined && !isUscc(subject.member)) throw new PkiError('NAME_INVALID', 'uscc')
  return subject
}

/** `NTRCN-<code>` as it stands in organizationIdentifier. */
export function organizationIdentifier(member: string): string {
  return memberPrefix + member
}

const hostShape = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** `ip` or `dns` for a host that can stand in a subjectAltName (no wildcards, lower case); throws NAME_INVALID. */
export function hostKind(host: string): 'ip' | 'dns' {
  if (isIP(host) !== 0 && !host.includes('%')) return 'ip'
  // A last label of digits only would be read as an address by some clients.
  if (hostShape.test(host) && !/(^|\.)\d+$/.test(host)) return 'dns'
  throw new PkiError('NAME_INVALID', 'host', { host: host.slice(0, 80) })
}
