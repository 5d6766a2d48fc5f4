/** An authority that signs anything, right or wrong: certificates and CRLs out of plain plans, each field of which a test may spoil. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type Asn1, asn1Writer, openForge } from '#pki/asn1-library.ts'
import { EKU, EXTENSION, KEY_USAGES, type KeyUsage } from '#pki/extensions.ts'
import { CRL_EXTENSION } from '#pki/parse-crl.ts'

export const der = asn1Writer(await openForge())

export interface TestKey {
  readonly kind: 'EC' | 'RSA' | 'ED'
  readonly privateKey: KeyObject
  readonly spki: Buffer
}

function keyOf(kind: TestKey['kind'], pair: { publicKey: KeyObject; privateKey: KeyObject }): TestKey {
  return { kind, privateKey: pair.privateKey, spki: pair.publicKey.export({ type: 'spki', format: 'der' }) }
}
const ec = (namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named') =>
  keyOf('EC', generateKeyPairSync('ec', { namedCurve, paramEncoding }))
const rsa = (modulusLength: number) => keyOf('RSA', generateKeyPairSync('rsa', { modulusLength }))

/** Keys are drawn from here: making RSA keys for each chain would take minutes. */
export const keys = {
  p256: Array.from({ length: 8 }, () => ec('P-256')),
  p384: Array.from({ length: 4 }, () => ec('P-384')),
  rsa2048: [rsa(2048), rsa(2048), rsa(3072)],
  weak: {
    'RSA-1024': rsa(1024),
    'P-192': ec('prime192v1'),
    'P-224': ec('secp224r1'),
    'P-521': ec('secp521r1'),
    secp256k1: ec('secp256k1'),
    'explicit P-256': ec('P-256', 'explicit'),
    Ed25519: keyOf('ED', generateKeyPairSync('ed25519')),
  },
} as const

export interface ExtensionPlan {
  readonly oid: string
  readonly critical: boolean
  readonly value: Asn1
}

export const SIGNATURES = {
  'EC sha1': '1.2.840.10045.4.1',
  'EC sha256': '1.2.840.10045.4.3.2',
  'EC sha384': '1.2.840.10045.4.3.3',
  'RSA sha1': '1.2.840.113549.1.1.5',
  'RSA sha256': '1.2.840.113549.1.1.11',
  'RSA sha384': '1.2.840.113549.1.1.12',
  'ED sha256': '1.3.101.112',
} as const

export interface CertificatePlan {
  version: number
  serial: Asn1
  subject: readonly (readonly [string, string])[]
  issuer: readonly (readonly [string, string])[]
  notBefore: Date
  notAfter: Date
  key: TestKey
  signer: TestKey
  digest: 'sha1' | 'sha256' | 'sha384'
  extensions: ExtensionPlan[]
  outerAlgorithm: 'same' | Asn1
  spoil: (der: Buffer) => Buffer
}

export interface CrlPlan {
  issuer: CertificatePlan['subject']
  signer: TestKey
  revoked: { serial: Asn1; date: Date; extensions: ExtensionPlan[] }[]
  thisUpdate: Date
  nextUpdate: Date | undefined
  extensions: ExtensionPlan[]
  spoil: (der: Buffer) => Buffer
}

export const keyIdentifier = (key: TestKey): Buffer => createHash('sha256').update(key.spki).digest().subarray(0, 20)

/** Extensions as a conforming authority writes them. */
export const extension = {
  basicConstraints: (ca: boolean, pathLength?: number, critical = true): ExtensionPlan => ({
    oid: EXTENSION.basicConstraints,
    critical,
    value: der.sequence(
      ...(ca ? [der.boolean(true)] : []),
      ...(pathLength === undefined ? [] : [der.integer(pathLength)]),
    ),
  }),
  keyUsage: (usages: readonly KeyUsage[], critical = true): ExtensionPlan => ({
    oid: EXTENSION.keyUsage,
    critical,
    value: namedBits(usages.map((usage) => KEY_USAGES.indexOf(usage))),
  }),
  extendedKeyUsage: (oids: readonly string[], critical = false): ExtensionPlan => ({
    oid: EXTENSION.extendedKeyUsage,
    critical,
    value: der.sequence(...oids.map(der.oid)),
  }),
  subjectKey: (key: TestKey): ExtensionPlan => ({
    oid: EXTENSION.subjectKeyIdentifier,
    critical: false,
    value: der.octets(keyIdentifier(key)),
  }),
  authorityKey: (key: TestKey): ExtensionPlan => ({
    oid: EXTENSION.authorityKeyIdentifier,
    critical: false,
    value: der.sequence(der.implicit(0, keyIdentifier(key))),
  }),
  dnsNames: (...names: string[]): ExtensionPlan => ({
    oid: EXTENSION.subjectAltName,
    critical: false,
    value: der.sequence(...names.map((name) => der.implicit(2, Buffer.from(name)))),
  }),
  crlNumber: (number: number): ExtensionPlan => ({
    oid: CRL_EXTENSION.crlNumber,
    critical: false,
    value: der.integer(number),
  }),
  reason: (code: number): ExtensionPlan => ({
    oid: CRL_EXTENSION.reasonCode,
    critical: false,
    value: der.enumerated(code),
  }),
  policies: (critical = false): ExtensionPlan => ({
    oid: EXTENSION.certificatePolicies,
    critical,
    value: der.sequence(der.sequence(der.oid('1.3.6.1.4.1.99999.7'))),
  }),
  nameConstraints: (critical: boolean): ExtensionPlan => ({
    oid: EXTENSION.nameConstraints,
    critical,
    value: der.sequence(der.explicit(0, der.sequence(der.implicit(2, Buffer.from('example'))))),
  }),
  policyConstraints: (): ExtensionPlan => ({
    oid: EXTENSION.policyConstraints,
    critical: true,
    value: der.sequence(der.implicit(0, Buffer.from([0]))),
  }),
  unknown: (critical: boolean): ExtensionPlan => ({ oid: '1.3.6.1.4.1.99999.1', critical, value: der.null() }),
}

function namedBits(bits: readonly number[]): Asn1 {
  const highest = Math.max(...bits)
  const bytes = Buffer.alloc((highest >> 3) + 1)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  const whole = der.bits(bytes)
  whole.value = String.fromCharCode(7 - (highest & 7)) + (whole.value as string).slice(1)
  return whole
}

export const usages = {
  node: [EKU.clientAuth, EKU.serverAuth],
  signing: [EKU.documentSigning],
  client: [EKU.clientAuth],
}

function nameValue(attributes: CertificatePlan['subject']): Asn1 {
  return der.sequence(...attributes.map(([oid, value]) => der.set(der.sequence(der.oid(oid), der.utf8(value)))))
}

function extensionsValue(extensions: readonly ExtensionPlan[]): Asn1 {
  return der.sequence(
    ...extensions.map(({ oid, critical, value }) =>
      der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(der.encode(value))),
    ),
  )
}

function algorithmValue(key: TestKey, digest: CertificatePlan['digest']): Asn1 {
  const oid = SIGNATURES[`${key.kind} ${key.kind === 'ED' ? 'sha256' : digest}` as keyof typeof SIGNATURES]
  return der.sequence(der.oid(oid), ...(key.kind === 'RSA' ? [der.null()] : []))
}

function signed(tbs: Buffer, key: TestKey, digest: CertificatePlan['digest'], outer: Asn1): Buffer {
  const signature = sign(key.kind === 'ED' ? null : digest, tbs, key.privateKey)
  return der.wrap(tbs, der.encode(outer), der.encode(der.bits(signature)))
}

/** The certificate of a plan in DER, spoilt as the plan says. */
export function signCertificate(plan: CertificatePlan): Buffer {
  const algorithm = () => algorithmValue(plan.signer, plan.digest)
  const tbs = der.sequence(
    ...(plan.version === 0 ? [] : [der.explicit(0, der.integer(plan.version))]),
    plan.serial,
    algorithm(),
    nameValue(plan.issuer),
    der.sequence(der.time(plan.notBefore), der.time(plan.notAfter)),
    nameValue(plan.subject),
    der.raw(plan.key.spki),
    ...(plan.extensions.length === 0 ? [] : [der.explicit(3, extensionsValue(plan.extensions))]),
  )
  const outer = plan.outerAlgorithm === 'same' ? algorithm() : plan.outerAlgorithm
  return plan.spoil(signed(der.encode(tbs), plan.signer, plan.digest, outer))
}

/** The CRL of a plan in DER, spoilt as the plan says. */
export function signCrl(plan: CrlPlan): Buffer {
  const algorithm = () => algorithmValue(plan.signer, 'sha256')
  const entries = plan.revoked.map(({ serial, date, extensions }) =>
    der.sequence(serial, der.time(date), ...(extensions.length === 0 ? [] : [extensionsValue(extensions)])),
  )
  const tbs = der.sequence(
    der.integer(1),
    algorithm(),
    nameValue(plan.issuer),
    der.time(plan.thisUpdate),
    ...(plan.nextUpdate === undefined ? [] : [der.time(plan.nextUpdate)]),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    ...(plan.extensions.length === 0 ? [] : [der.explicit(0, extensionsValue(plan.extensions))]),
  )
  return plan.spoil(signed(der.encode(tbs), plan.signer, 'sha256', algorithm()))
}
