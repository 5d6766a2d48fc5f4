/** The ways to spoil a good chain, each with the code and rule that must come of it. */
import type { PkiCode, PkiRule } from '#pki/error.ts'
import { EKU, EXTENSION } from '#pki/extensions.ts'
import { ATTRIBUTE } from '#pki/names.ts'
import {
  authority,
  type ChainPlan,
  EKU_OF,
  later,
  leafOf,
  link,
  MEMBERS,
  type Random,
  replace,
} from './random-chains.ts'
import { type CertificatePlan, type CrlPlan, der, extension, keys, type TestKey, usages } from './rogue-authority.ts'

export interface Spoiling {
  readonly name: string
  readonly code: PkiCode
  readonly rule: PkiRule
  /** Chains it can be done to. */
  readonly fits?: (plan: ChainPlan) => boolean
  readonly spoil: (plan: ChainPlan, random: Random) => void
}

export const leaf = (plan: ChainPlan): CertificatePlan => plan.certificates.at(-1) as CertificatePlan
export const issuer = (plan: ChainPlan): CertificatePlan => plan.certificates.at(-2) as CertificatePlan
export const leafCrl = (plan: ChainPlan): CrlPlan => plan.crls.at(-1) as CrlPlan
const anyOf = (plan: ChainPlan, random: Random): CertificatePlan => random.pick(plan.certificates)
const endEntity = (plan: ChainPlan): boolean => plan.purpose !== 'crl'
const authoritiesOf = (plan: ChainPlan): CertificatePlan[] =>
  endEntity(plan) ? plan.certificates.slice(0, -1) : plan.certificates
export const flip = (bytes: Buffer): Buffer => {
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
export const as = (
  code: PkiCode,
  rule: PkiRule,
  name: string,
  spoil: Spoiling['spoil'],
  fits?: Spoiling['fits'],
): Spoiling => ({
  ...profile(rule, name, spoil, fits),
  code,
})

/** Certificates spoilt. `spoilt-lists.ts` has the CRLs. */
export const CERTIFICATE_SPOILINGS: readonly Spoiling[] = [
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
  profile(
    'extended-key-usage',
    'usage of another purpose',
    (plan, random) => {
      const wrong = [usages.node, usages.signing, usages.client, [EKU.serverAuth, EKU.documentSigning]].filter(
        (set) => set.join() !== (EKU_OF[plan.purpose] ?? []).join(),
      )
      replace(leaf(plan), EXTENSION.extendedKeyUsage, [extension.extendedKeyUsage(random.pick(wrong))])
    },
    endEntity,
  ),
  profile(
    'extended-key-usage',
    'a usage too many',
    (plan) => {
      const more = [...(EKU_OF[plan.purpose] ?? []), '2.5.29.37.0']
      replace(leaf(plan), EXTENSION.extendedKeyUsage, [extension.extendedKeyUsage(more)])
    },
    endEntity,
  ),
  profile('extended-key-usage', 'no usage', (plan) => replace(leaf(plan), EXTENSION.extendedKeyUsage, []), endEntity),
  profile('extended-key-usage', 'authority with a usage', (plan, random) => {
    random.pick(authoritiesOf(plan)).extensions.push(extension.extendedKeyUsage(usages.node))
  }),
  profile(
    'path-length',
    'root allows no authority below',
    (plan) => {
      replace(plan.certificates[0] as CertificatePlan, EXTENSION.basicConstraints, [
        extension.basicConstraints(true, 0),
      ])
    },
    (plan) => authoritiesOf(plan).length > (endEntity(plan) ? 1 : 2),
  ),
  profile(
    'path-length',
    'issuing authority goes further than it may',
    (plan) => {
      replace(plan.certificates[1] as CertificatePlan, EXTENSION.basicConstraints, [
        extension.basicConstraints(true, 0),
      ])
    },
    (plan) => authoritiesOf(plan).length > (endEntity(plan) ? 2 : 3),
  ),
  profile(
    'basic-constraints',
    'a member issues a certificate',
    (plan, random) => {
      const below = leafOf(
        random,
        plan.purpose,
        random.pick(keys.p256.filter((key) => plan.certificates.every((each) => each.key !== key))),
      )
      plan.certificates.push(below)
      link(plan.certificates.slice(-2), random, false)
      const member = issuer(plan)
      const above = plan.certificates.at(-3) as CertificatePlan
      member.issuer = above.subject
      member.signer = above.key
      replace(member, EXTENSION.authorityKeyIdentifier, [extension.authorityKey(above.key)])
      for (const each of plan.certificates.slice(0, -2))
        replace(each, EXTENSION.basicConstraints, [extension.basicConstraints(true)])
      replace(member, EXTENSION.basicConstraints, [])
    },
    (plan) => endEntity(plan) && plan.certificates.length < 4 && plan.certificates.length > 1,
  ),
  profile(
    'leaf-is-ca',
    'leaf is an authority',
    (plan) => {
      replace(leaf(plan), EXTENSION.basicConstraints, [extension.basicConstraints(true)])
    },
    endEntity,
  ),
  profile(
    'path-length',
    'leaf with a path length',
    (plan) => {
      replace(leaf(plan), EXTENSION.basicConstraints, [extension.basicConstraints(false, 0)])
    },
    endEntity,
  ),
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
    profile('weak-key', `${kind} key of the root`, (plan) =>
      withKey(plan, plan.certificates[0] as CertificatePlan, key),
    ),
  ]),
  profile(
    'weak-key',
    'P-384 under our own authority',
    (plan, random) => withKey(plan, leaf(plan), random.pick(keys.p384)),
    (plan) => !plan.external && endEntity(plan),
  ),
  profile(
    'weak-key',
    'documents signed with RSA',
    (plan) => withKey(plan, leaf(plan), keys.rsa2048[0] as TestKey),
    (plan) => plan.purpose === 'member-signing',
  ),
  profile('weak-signature', 'SHA-1', (plan, random) => {
    anyOf(plan, random).digest = 'sha1'
  }),
  as('CERTIFICATE_UNTRUSTED', 'signature', 'signature changed', (plan, random) => {
    random.pick(plan.certificates.slice(1)).spoil = flip
  }),
  as(
    'CERTIFICATE_UNTRUSTED',
    'signature',
    'signed by another key',
    (plan) => {
      leaf(plan).signer = leaf(plan).key
    },
    (plan) =>
      leaf(plan).key.kind === issuer(plan).key.kind && leaf(plan).key.spki.length === issuer(plan).key.spki.length,
  ),
  as('CERTIFICATE_UNTRUSTED', 'key-identifier', 'identifier of another issuer', (plan) => {
    replace(leaf(plan), EXTENSION.authorityKeyIdentifier, [extension.authorityKey(leaf(plan).key)])
  }),
  as('CERTIFICATE_UNTRUSTED', 'key-identifier', 'no issuer identifier', (plan) =>
    replace(leaf(plan), EXTENSION.authorityKeyIdentifier, []),
  ),
  as('CERTIFICATE_INVALID', 'der', 'issuer identifier with a serial number', (plan) => {
    const both = der.sequence(der.implicit(0, Buffer.from('00', 'hex')), der.implicit(2, Buffer.from([1])))
    replace(leaf(plan), EXTENSION.authorityKeyIdentifier, [
      { oid: EXTENSION.authorityKeyIdentifier, critical: false, value: both },
    ])
  }),
  profile('key-identifier', 'authority without identifier', (plan) =>
    replace(plan.certificates[0] as CertificatePlan, EXTENSION.subjectKeyIdentifier, []),
  ),
  profile('key-usage', 'authority that may not sign certificates', (plan) => {
    replace(issuer(plan), EXTENSION.keyUsage, [extension.keyUsage(['cRLSign'])])
  }),
  profile('key-usage', 'authority without key usage', (plan) => replace(issuer(plan), EXTENSION.keyUsage, [])),
  profile('basic-constraints', 'authority without basic constraints', (plan) =>
    replace(issuer(plan), EXTENSION.basicConstraints, []),
  ),
  profile('basic-constraints', 'authority whose basic constraints are not critical', (plan) => {
    replace(issuer(plan), EXTENSION.basicConstraints, [extension.basicConstraints(true, undefined, false)])
  }),
  profile(
    'key-usage',
    'leaf that may not sign',
    (plan) => {
      replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyEncipherment'])])
    },
    endEntity,
  ),
  profile(
    'key-usage',
    'leaf that may sign certificates',
    (plan) => {
      replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['digitalSignature', 'keyCertSign'])])
    },
    endEntity,
  ),
  profile('key-usage', 'leaf without key usage', (plan) => replace(leaf(plan), EXTENSION.keyUsage, []), endEntity),
  profile(
    'key-usage',
    'list of an authority that may not sign lists',
    (plan) => {
      replace(leaf(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyCertSign'])])
    },
    (plan) => !endEntity(plan),
  ),
  profile('empty-name', 'leaf without a name', (plan) => {
    leaf(plan).subject = []
  }),
  profile('path-too-long', 'five certificates', (plan, random) => {
    const spare = keys.p256.filter((key) => plan.certificates.every((each) => each.key !== key))
    while (plan.certificates.length < 5)
      plan.certificates.splice(1, 0, authority(`Extra ${plan.certificates.length}`, spare.pop() as TestKey, undefined))
    for (const each of authoritiesOf(plan))
      replace(each, EXTENSION.basicConstraints, [extension.basicConstraints(true)])
    link(plan.certificates, random, false)
  }),
  profile('duplicate-certificate', 'a certificate twice', (plan) => {
    plan.repeat = true
  }),
  profile('too-many-certificates', 'a heap of certificates', (plan) => {
    plan.extra = Array.from({ length: 20 }, (_, index) => authority(`Heap ${index}`, keys.p256[0] as TestKey, 0))
  }),
  profile(
    'issuer-anchor-external',
    'operator of an external authority',
    (plan) => {
      plan.external = true
    },
    (plan) => plan.purpose === 'operator' || plan.purpose === 'hub-document',
  ),
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
    plan.anchor = { ...authority('x', key, undefined), subject: root.subject, issuer: root.subject }
  }),
  as('CERTIFICATE_UNTRUSTED', 'signature', 'rogue root of the same name and identifier', (plan) => {
    const root = plan.certificates[0] as CertificatePlan
    const key = keys.p256.find((each) => plan.certificates.every((certificate) => certificate.key !== each)) as TestKey
    plan.anchor = { ...authority('x', key, undefined), subject: root.subject, issuer: root.subject }
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
  as(
    'CERTIFICATE_IDENTITY',
    'role',
    'no role',
    (plan) => {
      leaf(plan).subject = leaf(plan).subject.filter(([oid]) => oid !== ATTRIBUTE.role)
    },
    (plan) => !plan.external,
  ),
  as(
    'CERTIFICATE_IDENTITY',
    'role',
    'role of another purpose',
    (plan) => {
      leaf(plan).subject = leaf(plan).subject.map(([oid, value]) => [oid, oid === ATTRIBUTE.role ? 'staff' : value])
    },
    (plan) => !plan.external,
  ),
  as(
    'CERTIFICATE_IDENTITY',
    'member',
    'code with a wrong check character',
    (plan) => {
      leaf(plan).subject = [
        ...leaf(plan).subject.filter(([oid]) => oid !== ATTRIBUTE.organizationIdentifier),
        [ATTRIBUTE.organizationIdentifier, 'NTRCN-51100000500000024G'],
      ]
    },
    endEntity,
  ),
  as(
    'CERTIFICATE_IDENTITY',
    'member',
    'a member as the hub',
    (plan) => {
      leaf(plan).subject = [...leaf(plan).subject, [ATTRIBUTE.organizationIdentifier, `NTRCN-${MEMBERS[0]}`]]
    },
    (plan) => plan.purpose === 'hub-document' || plan.purpose === 'operator',
  ),
  as('CERTIFICATE_INVALID', 'der', 'two codes in one subject', (plan) => {
    leaf(plan).subject = [
      ...leaf(plan).subject,
      ...MEMBERS.map((member) => [ATTRIBUTE.organizationIdentifier, `NTRCN-${member}`] as const),
    ]
  }),
]
