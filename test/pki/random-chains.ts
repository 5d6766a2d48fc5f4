/** Random chains for the comparison with openssl: a good one of many shapes, and the ways to spoil it, each with what must be said to it. */
import type { PkiCode, PkiRule } from '#pki/error.ts'
import { EKU, EXTENSION } from '#pki/extensions.ts'
import { ATTRIBUTE } from '#pki/names.ts'
import { CRL_EXTENSION } from '#pki/parse-crl.ts'
import type { Purpose } from '#pki/chain.ts'
import {
  type CertificatePlan,
  type CrlPlan,
  der,
  type ExtensionPlan,
  extension,
  keys,
  type TestKey,
  usages,
} from './rogue-authority.ts'

/** Small seeded generator (mulberry32): the same chains on every machine. */
export function seededRandom(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    below,
    chance: (probability: number): boolean => next() < probability,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
export type Random = ReturnType<typeof seededRandom>

export const now = new Date('2026-11-24T08:00:00Z')
export const day = 86_400_000
export const later = (days: number): Date => new Date(now.getTime() + days * day)

/** Root first, leaf last. */
export interface ChainPlan {
  purpose: Purpose
  external: boolean
  certificates: CertificatePlan[]
  crls: CrlPlan[]
  /** Certificates handed over besides those of the path. */
  extra: CertificatePlan[]
  /** Certificate handed over twice. */
  repeat: boolean
  /** The anchor of the verifier, when it is not the root of the path. */
  anchor: CertificatePlan | undefined
}

const ROLE: Partial<Record<Purpose, string>> = {
  'tls-client': 'node-tls',
  'tls-server': 'node-tls',
  'member-signing': 'node-signing',
  'hub-document': 'hub-directory',
  operator: 'operator',
  crl: 'issuing',
}
const EKU_OF: Partial<Record<Purpose, readonly string[]>> = {
  'tls-client': usages.node,
  'tls-server': usages.node,
  'member-signing': usages.signing,
  'hub-document': usages.signing,
  operator: usages.client,
}
export const MEMBERS = ['51100000PDY00001X3', '51100000PDY0000283', '51100000PDY000036X'] as const

let serials = 0x10000

function blank(subject: CertificatePlan['subject'], key: TestKey): CertificatePlan {
  return {
    version: 2,
    serial: der.integer(serials++),
    subject,
    issuer: subject,
    notBefore: later(-10),
    notAfter: later(20),
    key,
    signer: key,
    digest: 'sha256',
    extensions: [],
    outerAlgorithm: 'same',
    spoil: (bytes) => bytes,
  }
}

function authority(name: string, key: TestKey, pathLength: number | undefined): CertificatePlan {
  const plan = blank([[ATTRIBUTE.organization, '行汇'], [ATTRIBUTE.role, name.startsWith('Root') ? 'root' : 'issuing'], [ATTRIBUTE.commonName, name]], key)
  plan.notBefore = later(-400)
  plan.notAfter = later(400)
  plan.extensions = [
    extension.basicConstraints(true, pathLength),
    extension.keyUsage(['keyCertSign', 'cRLSign']),
    extension.subjectKey(key),
    extension.authorityKey(key),
  ]
  return plan
}

function leafOf(random: Random, purpose: Purpose, key: TestKey): CertificatePlan {
  const member = random.pick(MEMBERS)
  const named = purpose !== 'hub-document' && purpose !== 'operator'
  const plan = blank(
    [
      [ATTRIBUTE.organization, '演示协会'],
      ...(named ? [[ATTRIBUTE.organizationIdentifier, `NTRCN-${member}`] as const] : []),
      [ATTRIBUTE.role, ROLE[purpose] ?? 'none'],
      [ATTRIBUTE.commonName, `演示 ${random.below(1000)}`],
    ],
    key,
  )
  plan.extensions = [
    extension.keyUsage(['digitalSignature']),
    extension.extendedKeyUsage(EKU_OF[purpose] ?? [], random.chance(0.2)),
    extension.subjectKey(key),
    extension.authorityKey(key),
    ...(random.chance(0.5) ? [extension.dnsNames('node.example')] : []),
    ...(random.chance(0.2) ? [extension.basicConstraints(false, undefined, random.chance(0.5))] : []),
    ...(random.chance(0.2) ? [extension.unknown(false)] : []),
    ...(random.chance(0.2) ? [extension.policies()] : []),
  ]
  return plan
}

/** A good chain of two to four certificates, for any purpose, of our own authority or an external one. */
export function goodChain(random: Random): ChainPlan {
  const external = random.chance(0.4)
  const purpose = random.pick<Purpose>(
    external
      ? ['tls-client', 'tls-server', 'member-signing', 'crl']
      : ['tls-client', 'tls-server', 'member-signing', 'hub-document', 'operator', 'crl'],
  )
  const p256Leaf = !external || purpose === 'member-signing'
  const anyKey = () => random.pick(random.pick([keys.p256, keys.p384, keys.rsa2048]))
  const authorities = purpose === 'crl' ? 1 + random.below(3) : random.below(3)
  const drawn = new Set<TestKey>()
  const fresh = (draw: () => TestKey): TestKey => {
    let key = draw()
    while (drawn.has(key)) key = draw()
    drawn.add(key)
    return key
  }
  const draw = external ? anyKey : () => random.pick(keys.p256)
  const mark = random.below(1e9)
  const looseness = random.below(2)
  const root = authority(`Root ${mark}`, fresh(draw), random.chance(0.3) ? undefined : authorities + looseness)
  const path = [root]
  for (let index = 0; index < authorities; index++) {
    const pathLength = authorities - index - 1
    path.push(authority(`Issuing ${mark} ${index}`, fresh(draw), random.chance(0.3) ? undefined : pathLength + looseness))
  }
  if (purpose !== 'crl') path.push(leafOf(random, purpose, fresh(p256Leaf ? () => random.pick(keys.p256) : draw)))
  link(path, random, external)
  const crls = path.slice(0, purpose === 'crl' ? -1 : undefined).flatMap((plan) => (isAuthority(plan) ? [crlOf(plan, random)] : []))
  // openssl -crl_check_all asks for the root's own list too; for `crl` the end of the path needs none of its own.
  return { purpose, external, certificates: path, crls, extra: [], repeat: false, anchor: undefined }
}

const isAuthority = (plan: CertificatePlan): boolean => plan.extensions.some(({ oid, value }) => oid === EXTENSION.basicConstraints && (value.value as unknown[]).length > 0 && ((value.value as { type: number }[])[0]?.type === 1))

/** Issuer, signer and authority key identifier of each from the one above it. */
export function link(path: CertificatePlan[], random: Random, external: boolean): void {
  for (const [index, plan] of path.entries()) {
    const above = path[index - 1] ?? plan
    plan.issuer = above.subject
    plan.signer = above.key
    if (external && random.chance(0.3)) plan.digest = 'sha384'
    replace(plan, EXTENSION.authorityKeyIdentifier, [extension.authorityKey(above.key)])
  }
}

function crlOf(plan: CertificatePlan, random: Random): CrlPlan {
  return {
    issuer: plan.subject,
    signer: plan.key,
    revoked: Array.from({ length: random.below(4) }, (_, index) => ({
      serial: der.integer(0x7000_0000 + index),
      date: later(-3),
      extensions: random.chance(0.5) ? [extension.reason(random.pick([1, 4, 5]))] : [],
    })),
    thisUpdate: later(-1),
    nextUpdate: later(6),
    extensions: [authorityOf(plan.key), extension.crlNumber(random.below(1000))],
    spoil: (bytes) => bytes,
  }
}

const authorityOf = (key: TestKey): ExtensionPlan => extension.authorityKey(key)

/** Puts other extensions in the place of those of that type. */
export function replace(plan: { extensions: ExtensionPlan[] }, oid: string, by: readonly ExtensionPlan[]): void {
  plan.extensions = [...plan.extensions.filter((each) => each.oid !== oid), ...by]
}

export interface Spoiling {
  readonly name: string
  readonly code: PkiCode
  readonly rule: PkiRule
  /** Chains it can be done to. */
  readonly fits?: (plan: ChainPlan) => boolean
  readonly spoil: (plan: ChainPlan, random: Random) => void
}

const leaf = (plan: ChainPlan): CertificatePlan => plan.certificates.at(-1) as CertificatePlan
const issuer = (plan: ChainPlan): CertificatePlan => plan.certificates.at(-2) as CertificatePlan
const leafCrl = (plan: ChainPlan): CrlPlan => plan.crls.at(-1) as CrlPlan
const anyOf = (plan: ChainPlan, random: Random): CertificatePlan => random.pick(plan.certificates)
const endEntity = (plan: ChainPlan): boolean => plan.purpose !== 'crl'
const authoritiesOf = (plan: ChainPlan): CertificatePlan[] => (endEntity(plan) ? plan.certificates.slice(0, -1) : plan.certificates)
const flip = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  copy[copy.length - 8] = (copy[copy.length - 8] ?? 0) ^ 0x10
  return copy
}
const withKey = (plan: ChainPlan, certificate: CertificatePlan, key: TestKey): void => {
  for (const each of plan.certificates) if (each.signer === certificate.key) each.signer = key
  for (const crl of plan.crls) if (crl.signer === certificate.key) crl.signer = key
  certificate.key = key
  replace(certificate, EXTENSION.subjectKeyIdentifier, [extension.subjectKey(key)])
  const at = plan.certificates.indexOf(certificate)
  for (const each of [plan.certificates[at + 1], at === 0 ? certificate : undefined])
    if (each !== undefined) replace(each, EXTENSION.authorityKeyIdentifier, [extension.authorityKey(key)])
}

const profile = (rule: PkiRule, name: string, spoil: Spoiling['spoil'], fits?: Spoiling['fits']): Spoiling => ({
  name,
  code: 'CERTIFICATE_PROFILE',
  rule,
  spoil,
  ...(fits === undefined ? {} : { fits }),
})
const as = (code: PkiCode, rule: PkiRule, name: string, spoil: Spoiling['spoil'], fits?: Spoiling['fits']): Spoiling => ({
  ...profile(rule, name, spoil, fits),
  code,
})

/** Every way to spoil a chain, with code and rule that must come of it. */
export const SPOILINGS: readonly Spoiling[] = [
  as('CERTIFICATE_EXPIRED', 'expired', 'expired, anywhere in the path', (plan, random) => {
    anyOf(plan, random).notAfter = later(-0.001)
  }),
  as('CERTIFICATE_NOT_YET_VALID', 'not-yet-valid', 'not yet valid, anywhere in the path', (plan, random) => {
    const spoilt = anyOf(plan, random)
    spoilt.notBefore = later(0.01)
    spoilt.notAfter = later(30)
  }),
  as('CERTIFICATE_INVALID', 'time', 'ends before it begins', (plan, random) => {
    const spoilt = anyOf(plan, random)
    spoilt.notBefore = later(3)
    spoilt.notAfter = later(2)
  }),
  profile('extended-key-usage', 'usage of another purpose', (plan, random) => {
    const wrong = [usages.node, usages.signing, usages.client, [EKU.serverAuth, EKU.documentSigning]].filter(
      (set) => set.join() !== (EKU_OF[plan.purpose] ?? []).join(),
    )
    replace(leaf(plan), EXTENSION.extendedKeyUsage, [extension.extendedKeyUsage(random.pick(wrong))])
  }, endEntity),
  profile('extended-key-usage', 'a usage too many', (plan) => {
    const more = [...(EKU_OF[plan.purpose] ?? []), '2.5.29.37.0']
    replace(leaf(plan), EXTENSION.extendedKeyUsage, [extension.extendedKeyUsage(more)])
  }, endEntity),
  profile('extended-key-usage', 'no usage', (plan) => replace(leaf(plan), EXTENSION.extendedKeyUsage, []), endEntity),
  profile('extended-key-usage', 'authority with a usage', (plan, random) => {
    random.pick(authoritiesOf(plan)).extensions.push(extension.extendedKeyUsage(usages.node))
  }),
  profile('path-length', 'root allows no authority below', (plan) => {
    replace(plan.certificates[0] as CertificatePlan, EXTENSION.basicConstraints, [extension.basicConstraints(true, 0)])
  }, (plan) => authoritiesOf(plan).length > (endEntity(plan) ? 1 : 2)),
  profile('path-length', 'issuing authority goes further than it may', (plan) => {
    replace(plan.certificates[1] as CertificatePlan, EXTENSION.basicConstraints, [extension.basicConstraints(true, 0)])
  }, (plan) => authoritiesOf(plan).length > (endEntity(plan) ? 2 : 3)),
  profile('basic-constraints', 'a member issues a certificate', (plan, random) => {
    const below = leafOf(random, plan.purpose, random.pick(keys.p256.filter((key) => plan.certificates.every((each) => each.key !== key))))
    plan.certificates.push(below)
    link(plan.certificates.slice(-2), random, false)
    const member = issuer(plan)
    const above = plan.certificates.at(-3) as CertificatePlan
    member.issuer = above.subject
    member.signer = above.key
    replace(member, EXTENSION.authorityKeyIdentifier, [extension.authorityKey(above.key)])
    replace(member, EXTENSION.basicConstraints, [])
  }, (plan) => endEntity(plan) && plan.certificates.length < 4 && plan.certificates.length > 1),
  profile('leaf-is-ca', 'leaf is an authority', (plan) => {
    replace(leaf(plan), EXTENSION.basicConstraints, [extension.basicConstraints(true)])
  }, endEntity),
  profile('path-length', 'leaf with a path length', (plan) => {
    replace(leaf(plan), EXTENSION.basicConstraints, [extension.basicConstraints(false, 0)])
  }, endEntity),
  profile('unknown-critical-extension', 'unknown critical extension', (plan, random) => {
    replace(anyOf(plan, random), '1.3.6.1.4.1.99999.1', [extension.unknown(true)])
  }),
  profile('unknown-critical-extension', 'critical policies', (plan, random) => {
    replace(anyOf(plan, random), EXTENSION.certificatePolicies, [extension.policies(true)])
  }),
  profile('unknown-critical-extension', 'critical key identifier', (plan) => {
    replace(leaf(plan), EXTENSION.subjectKeyIdentifier, [{ ...extension.subjectKey(leaf(plan).key), critical: true }])
  }),
  profile('duplicate-extension', 'an extension twice', (plan, random) => {
    const spoilt = anyOf(plan, random)
    spoilt.extensions.push(random.pick(spoilt.extensions))
  }),
  profile('name-constraints', 'name constraints', (plan, random) => {
    random.pick(authoritiesOf(plan)).extensions.push(extension.nameConstraints(random.chance(0.5)))
  }),
  profile('policy-constraints', 'policy constraints', (plan, random) => {
    random.pick(authoritiesOf(plan)).extensions.push(extension.policyConstraints())
  }),
  ...Object.entries(keys.weak).flatMap(([kind, key]) => [
    profile('weak-key', `${kind} key of the leaf`, (plan) => withKey(plan, leaf(plan), key), endEntity),
    profile('weak-key', `${kind} key of the root`, (plan) => withKey(plan, plan.certificates[0] as CertificatePlan, key)),
  ]),
  profile('weak-key', 'P-384 under our own authority', (plan, random) => withKey(plan, leaf(plan), random.pick(keys.p384)), (plan) => !plan.external && endEntity(plan)),
  profile('weak-key', 'documents signed with RSA', (plan) => withKey(plan, leaf(plan), keys.rsa2048[0] as TestKey), (plan) => plan.purpose === 'member-signing'),
  profile('weak-signature', 'SHA-1', (plan, random) => {
    anyOf(plan, random).digest = 'sha1'
  }),
  as('CERTIFICATE_UNTRUSTED', 'signature', 'signature changed', (plan, random) => {
    random.pick(plan.certificates.slice(1)).spoil = flip
  }),
  as('CERTIFICATE_UNTRUSTED', 'signature', 'signed by another key', (plan) => {
    leaf(plan).signer = leaf(plan).key
  }, (plan) => leaf(plan).key.kind === issuer(plan).key.kind && leaf(plan).key.spki.length === issuer(plan).key.spki.length),
  as('CERTIFICATE_UNTRUSTED', 'key-identifier', 'identifier of another issuer', (plan) => {
    replace(leaf(plan), EXTENSION.authorityKeyIdentifier, [extension.authorityKey(leaf(plan).key)])
  }),
  as('CERTIFICATE_UNTRUSTED', 'key-identifier', 'no issuer identifier', (plan) => replace(leaf(plan), EXTENSION.authorityKeyIdentifier, [])),
  as('CERTIFICATE_INVALID', 'der', 'issuer identifier with a serial number', (plan) => {
    const both = der.sequence(der.implicit(0, Buffer.from('00', 'hex')), der.implicit(2, Buffer.from([1])))
    replace(leaf(plan), EXTENSION.authorityKeyIdentifier, [{ oid: EXTENSION.authorityKeyIdentifier, critical: false, value: both }])
  }),
  profile('key-identifier', 'authority without identifier', (plan) => replace(plan.certificates[0] as CertificatePlan, EXTENSION.subjectKeyIdentifier, [])),
  profile('key-usage', 'authority that may not sign certificates', (plan) => {
    replace(issuer(plan), EXTENSION.keyUsage, [extension.keyUsage(['cRLSign'])])
  }),
  profile('key-usage', 'authority without key usage', (plan) => replace(issuer(plan), EXTENSION.keyUsage, [])),
  profile('basic-constraints', 'authority without basic constraints', (plan) => replace(issuer(plan), EXTENSION.basicConstraints, [])),
  profile('basic-constraints', 'authority whose basic constraints are not critical', (plan) => {
    replace(issuer(plan), EXTENSION.basicConstraints, [extension.basicConstraints(true, undefined, false)])
  }),
  profile('key-usage', 'leaf that may not sign', (plan) => {
    replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyEncipherment'])])
  }, endEntity),
  profile('key-usage', 'leaf that may sign certificates', (plan) => {
    replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['digitalSignature', 'keyCertSign'])])
  }, endEntity),
  profile('key-usage', 'leaf without key usage', (plan) => replace(leaf(plan), EXTENSION.keyUsage, []), endEntity),
  profile('key-usage', 'list of an authority that may not sign lists', (plan) => {
    replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyCertSign'])])
  }, (plan) => !endEntity(plan)),
  profile('empty-name', 'leaf without a name', (plan) => {
    leaf(plan).subject = []
  }),
  profile('path-too-long', 'five certificates', (plan, random) => {
    const spare = keys.p256.filter((key) => plan.certificates.every((each) => each.key !== key))
    while (plan.certificates.length < 5) plan.certificates.splice(1, 0, authority(`Extra ${plan.certificates.length}`, spare.pop() as TestKey, undefined))
    for (const each of authoritiesOf(plan)) replace(each, EXTENSION.basicConstraints, [extension.basicConstraints(true)])
    link(plan.certificates, random, false)
  }),
  profile('duplicate-certificate', 'a certificate twice', (plan) => {
    plan.repeat = true
  }),
  profile('too-many-certificates', 'a heap of certificates', (plan) => {
    plan.extra = Array.from({ length: 20 }, (_, index) => authority(`Heap ${index}`, keys.p256[0] as TestKey, 0))
  }),
  profile('issuer-anchor-external', 'operator of an external authority', (plan) => {
    plan.external = true
  }, (plan) => plan.purpose === 'operator' || plan.purpose === 'hub-document'),
  as('CERTIFICATE_UNTRUSTED', 'no-anchor', 'self-signed leaf', (plan) => {
    const alone = leaf(plan)
    alone.issuer = alone.subject
    alone.signer = alone.key
    replace(alone, EXTENSION.authorityKeyIdentifier, [extension.authorityKey(alone.key)])
  }),
  as('CERTIFICATE_UNTRUSTED', 'no-anchor', 'another root', (plan) => {
    plan.anchor = authority('Another root', keys.p256[0] as TestKey, 2)
  }),
  as('CERTIFICATE_UNTRUSTED', 'key-identifier', 'rogue root of the same name', (plan) => {
    const root = plan.certificates[0] as CertificatePlan
    const key = keys.p256.find((each) => plan.certificates.every((certificate) => certificate.key !== each)) as TestKey
    plan.anchor = { ...authority('x', key, 2), subject: root.subject, issuer: root.subject }
  }),
  as('CERTIFICATE_UNTRUSTED', 'signature', 'rogue root of the same name and identifier', (plan) => {
    const root = plan.certificates[0] as CertificatePlan
    const key = keys.p256.find((each) => plan.certificates.every((certificate) => certificate.key !== each)) as TestKey
    plan.anchor = { ...authority('x', key, 2), subject: root.subject, issuer: root.subject }
    replace(plan.anchor, EXTENSION.subjectKeyIdentifier, [extension.subjectKey(root.key)])
  }),
  as('CERTIFICATE_INVALID', 'version', 'version 1', (plan) => {
    leaf(plan).version = 0
    leaf(plan).extensions = []
  }),
  as('CERTIFICATE_INVALID', 'version', 'version 2', (plan) => {
    leaf(plan).version = 1
  }),
  as('CERTIFICATE_INVALID', 'serial', 'serial number zero', (plan) => {
    leaf(plan).serial = der.integer(0)
  }),
  as('CERTIFICATE_INVALID', 'serial', 'serial number of 21 octets', (plan) => {
    leaf(plan).serial = der.integer(2n ** 161n)
  }),
  as('CERTIFICATE_INVALID', 'serial', 'negative serial number', (plan) => {
    leaf(plan).serial = { ...der.integer(1), value: '\xff' }
  }),
  as('CERTIFICATE_INVALID', 'algorithm-mismatch', 'two algorithms', (plan) => {
    leaf(plan).outerAlgorithm = der.sequence(der.oid('1.2.840.10045.4.3.4'))
  }),
  as('CERTIFICATE_INVALID', 'der', 'trailing bytes', (plan, random) => {
    anyOf(plan, random).spoil = (bytes) => Buffer.concat([bytes, Buffer.from([5, 0])])
  }),
  as('CERTIFICATE_INVALID', 'size', 'larger than 16 KiB', (plan) => {
    leaf(plan).extensions.push({ oid: '1.3.6.1.4.1.99999.2', critical: false, value: der.octets(Buffer.alloc(17_000)) })
  }),
  as('CERTIFICATE_IDENTITY', 'role', 'no role', (plan) => {
    leaf(plan).subject = leaf(plan).subject.filter(([oid]) => oid !== ATTRIBUTE.role)
  }, (plan) => !plan.external),
  as('CERTIFICATE_IDENTITY', 'role', 'role of another purpose', (plan) => {
    leaf(plan).subject = leaf(plan).subject.map(([oid, value]) => [oid, oid === ATTRIBUTE.role ? 'staff' : value])
  }, (plan) => !plan.external),
  as('CERTIFICATE_IDENTITY', 'member', 'code with a wrong check character', (plan) => {
    leaf(plan).subject = [...leaf(plan).subject.filter(([oid]) => oid !== ATTRIBUTE.organizationIdentifier), [ATTRIBUTE.organizationIdentifier, 'NTRCN-51100000500000024G']]
  }, endEntity),
  as('CERTIFICATE_IDENTITY', 'member', 'a member as the hub', (plan) => {
    leaf(plan).subject = [...leaf(plan).subject, [ATTRIBUTE.organizationIdentifier, `NTRCN-${MEMBERS[0]}`]]
  }, (plan) => plan.purpose === 'hub-document' || plan.purpose === 'operator'),
  as('CERTIFICATE_INVALID', 'der', 'two codes in one subject', (plan) => {
    leaf(plan).subject = [...leaf(plan).subject, ...MEMBERS.map((member) => [ATTRIBUTE.organizationIdentifier, `NTRCN-${member}`] as const)]
  }),
  as('CERTIFICATE_REVOKED', 'revoked', 'revoked leaf', (plan, random) => {
    leafCrl(plan).revoked.push({ serial: leaf(plan).serial, date: later(-2), extensions: random.chance(0.5) ? [extension.reason(1)] : [] })
  }),
  as('CERTIFICATE_REVOKED', 'revoked', 'revoked issuing authority', (plan) => {
    const crl = plan.crls[0] as CrlPlan
    crl.revoked.push({ serial: (plan.certificates[1] as CertificatePlan).serial, date: later(-2), extensions: [] })
  }, (plan) => plan.certificates.length > 2),
  as('CERTIFICATE_REVOKED', 'revoked', 'revoked in the newer of two lists', (plan) => {
    const old = leafCrl(plan)
    const crl = { ...old, revoked: [...old.revoked, { serial: leaf(plan).serial, date: later(-2), extensions: [] }] }
    plan.crls.push({ ...crl, thisUpdate: later(-0.5), extensions: [authorityOf(issuer(plan).key), extension.crlNumber(5000)] })
  }),
  as('CRL_INVALID', 'crl-missing', 'no list', (plan) => {
    plan.crls = plan.crls.slice(0, -1)
  }),
  as('CRL_INVALID', 'crl-stale', 'list that has ended', (plan) => {
    leafCrl(plan).nextUpdate = later(-0.01)
  }),
  as('CRL_INVALID', 'crl-stale', 'list without an end', (plan) => {
    leafCrl(plan).nextUpdate = undefined
  }),
  as('CRL_INVALID', 'crl-future', 'list of tomorrow', (plan) => {
    leafCrl(plan).thisUpdate = later(1)
  }),
  as('CRL_INVALID', 'crl-signature', 'list that was changed', (plan) => {
    leafCrl(plan).spoil = flip
  }),
  as('CRL_INVALID', 'crl-signature', 'list of a rogue of the same name', (plan) => {
    leafCrl(plan).signer = keys.p256.find((each) => plan.certificates.every((certificate) => certificate.key !== each)) as TestKey
  }),
  as('CRL_INVALID', 'crl-issuer', 'list with another identifier', (plan) => {
    replace(leafCrl(plan), EXTENSION.authorityKeyIdentifier, [authorityOf(leaf(plan).key)])
  }),
  as('CRL_INVALID', 'crl-missing', 'list of another issuer', (plan) => {
    leafCrl(plan).issuer = leaf(plan).subject
  }),
  as('CRL_INVALID', 'crl-number', 'list without a number', (plan) => replace(leafCrl(plan), CRL_EXTENSION.crlNumber, [])),
  as('CRL_INVALID', 'crl-delta', 'delta list', (plan) => {
    leafCrl(plan).extensions.push({ oid: CRL_EXTENSION.deltaCrlIndicator, critical: true, value: der.integer(1) })
  }),
  as('CRL_INVALID', 'crl-scope', 'indirect list', (plan) => {
    const indirect = der.sequence(der.implicit(4, Buffer.from([0xff])))
    leafCrl(plan).extensions.push({ oid: CRL_EXTENSION.issuingDistributionPoint, critical: true, value: indirect })
  }),
  as('CRL_INVALID', 'crl-critical-extension', 'list with an unknown critical extension', (plan) => {
    leafCrl(plan).extensions.push(extension.unknown(true))
  }),
  as('CRL_INVALID', 'crl-critical-extension', 'entry with an unknown critical extension', (plan) => {
    leafCrl(plan).revoked.push({ serial: der.integer(77), date: later(-1), extensions: [extension.unknown(true)] })
  }),
  as('CRL_INVALID', 'duplicate-extension', 'list with an extension twice', (plan) => {
    leafCrl(plan).extensions.push(extension.crlNumber(8))
  }),
  as('CRL_INVALID', 'crl-duplicate-entry', 'a serial number twice in a list', (plan) => {
    for (const code of [1, 4]) leafCrl(plan).revoked.push({ serial: der.integer(77), date: later(-1), extensions: [extension.reason(code)] })
  }),
  as('CRL_INVALID', 'crl-sign-usage', 'list of an issuer that may not sign lists', (plan) => {
    replace(issuer(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyCertSign'])])
  }),
]
