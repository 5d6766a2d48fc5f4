/** A certificate revocation list (RFC 5280 section 5) as a plain frozen object. Shape only: `verifyCrl` decides whether it counts. */
import { contextTag, type Der, fieldsOf, readDer, TAG } from './der.ts'
import { readIntegerBytes, readSmallInteger, readTime } from './der-values.ts'
import { PkiError } from './error.ts'
import { EXTENSION, type ExtensionEntry, readExtensionList } from './extensions.ts'
import { type DistinguishedName, readName } from './names.ts'
import { serialHex } from './parse-certificate.ts'
import { parsePem } from './pem.ts'
import { readSigned, type SignedDer } from './signed-der.ts'

/** RFC 5280 section 5.3.1; 7 is unused. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const
export type RevocationReason = keyof typeof REVOCATION_REASONS

export const CRL_EXTENSION = {
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
} as const

/** Largest list that is read at all: about 200,000 entries. */
export const maxCrlBytes = 8 * 1024 * 1024

export interface RevokedEntry {
  readonly date: Date
  readonly reason: RevocationReason
  /** Critical entry extensions, and those that make a list indirect: any of them rules the list out. */
  readonly unsupported: readonly string[]
}

export interface Crl extends SignedDer {
  readonly issuer: DistinguishedName
  readonly thisUpdate: Date
  /** Undefined when the list does not say: such a list never counts. */
  readonly nextUpdate: Date | undefined
  /** By serial number in lower-case hex. */
  readonly revoked: ReadonlyMap<string, RevokedEntry>
  readonly number: bigint | undefined
  readonly authorityKeyIdentifier: string | undefined
  readonly extensions: readonly ExtensionEntry[]
}

/** Parses one DER list of version 2. Throws CRL_INVALID (`size`, `der`, `version`, `algorithm-mismatch`, `duplicate-extension`, `crl-duplicate-entry`). */
export function parseCrl(der: Uint8Array): Crl {
  return readSigned(der, { code: 'CRL_INVALID', maxBytes: maxCrlBytes, readBody: readTbs })
}

/** The lists of a PEM text, at least one. */
export function parseCrlsPem(text: string): Crl[] {
  return parsePem('X509 CRL', text).map(parseCrl)
}

function readTbs(tbs: Der, outerAlgorithm: Der) {
  const fields = fieldsOf(tbs, TAG.sequence)
  const version = fields.optional(TAG.integer)
  if (!(version !== undefined && readSmallInteger(version) === 1)) throw new PkiError('CRL_INVALID', 'version')
  if (!fields.next(TAG.sequence).raw.equals(outerAlgorithm.raw)) throw new PkiError('CRL_INVALID', 'algorithm-mismatch')
  const issuer = readName(fields.next(TAG.sequence))
  const thisUpdate = readTime(fields.any())
  const next = fields.optional(TAG.utcTime) ?? fields.optional(TAG.generalizedTime)
  const list = fields.optional(TAG.sequence)
  const wrapped = fields.optional(contextTag(0, true))
  fields.end()
  const extensions = wrapped === undefined ? [] : readExtensionList(only(wrapped), 'CRL_INVALID')
  const find = (oid: string) => extensions.find((extension) => extension.oid === oid)
  const number = find(CRL_EXTENSION.crlNumber)
  const authority = find(EXTENSION.authorityKeyIdentifier)
  return {
    issuer,
    thisUpdate,
    nextUpdate: next === undefined ? undefined : readTime(next),
    revoked: readRevoked(list),
    number: number === undefined ? undefined : readNumber(readDer(number.value)),
    authorityKeyIdentifier: authority === undefined ? undefined : readAuthority(readDer(authority.value)),
    extensions: Object.freeze(extensions.map(({ oid, critical }) => Object.freeze({ oid, critical }))),
  }
}

function only(wrapped: Der): Der {
  const fields = fieldsOf(wrapped, wrapped.tag)
  const part = fields.any()
  fields.end()
  return part
}

/** Section 5.2.3: at most 20 octets, never negative. */
function readNumber(value: Der): bigint {
  const bytes = readIntegerBytes(value)
  if (!(bytes.length <= 20 && bytes.readInt8(0) >= 0)) throw new PkiError('CRL_INVALID', 'crl-number')
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** The key identifier, in whatever company; undefined when it is left out. */
function readAuthority(value: Der): string | undefined {
  return fieldsOf(value, TAG.sequence).optional(contextTag(0, false))?.content.toString('hex')
}

function readRevoked(list: Der | undefined): ReadonlyMap<string, RevokedEntry> {
  const revoked = new Map<string, RevokedEntry>()
  for (const entry of list?.parts ?? []) {
    const fields = fieldsOf(entry, TAG.sequence)
    const serial = serialHex(readIntegerBytes(fields.next(TAG.integer)))
    const date = readTime(fields.any())
    const extensions = fields.optional(TAG.sequence)
    fields.end()
    // Two entries for one serial: which reason and date would count?
    if (revoked.has(serial)) throw new PkiError('CRL_INVALID', 'crl-duplicate-entry')
    revoked.set(serial, Object.freeze({ date, ...readEntryExtensions(extensions) }))
  }
  return revoked
}

function readEntryExtensions(list: Der | undefined): { reason: RevocationReason; unsupported: readonly string[] } {
  const extensions = list === undefined ? [] : readExtensionList(list, 'CRL_INVALID')
  const code = extensions.find(({ oid }) => oid === CRL_EXTENSION.reasonCode)
  const unsupported = extensions.filter(
    ({ oid, critical }) => oid === CRL_EXTENSION.certificateIssuer || (critical && oid !== CRL_EXTENSION.reasonCode),
  )
  return {
    reason: code === undefined ? 'unspecified' : readReason(readDer(code.value)),
    unsupported: unsupported.map(({ oid }) => oid),
  }
}

function readReason(value: Der): RevocationReason {
  const code = value.tag === TAG.enumerated && value.content.length === 1 ? value.content[0] : undefined
  const found = Object.entries(REVOCATION_REASONS).find(([, known]) => known === code)
  if (found === undefined) throw new PkiError('CRL_INVALID', 'extension')
  return found[0] as RevocationReason
}
