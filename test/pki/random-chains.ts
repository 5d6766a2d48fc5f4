/** Random chains for the comparison with openssl: good ones of many shapes. `spoilings.ts` has the ways to spoil them. */

import type { Purpose } from '#pki/chain.ts'
import { EXTENSION } from '#pki/extensions.ts'
import { ATTRIBUTE } from '#pki/names.ts'
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
export const EKU_OF: Partial<Record<Purpose, readonly string[]>> = {
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

export function authority(name: string, key: TestKey, pathLength: number | undefined): CertificatePlan {
  const plan = blank(
    [
      [ATTRIBUTE.organization, '行汇'],
      [ATTRIBUTE.role, name.startsWith('Root') ? 'root' : 'issuing'],
      [ATTRIBUTE.commonName, name],
    ],
    key,
  )
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

export function leafOf(random: Random, purpose: Purpose, key: TestKey): CertificatePlan {
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
    path.push(
      authority(`Issuing ${mark} ${index}`, fresh(draw), random.chance(0.3) ? undefined : pathLength + looseness),
    )
  }
  if (purpose !== 'crl') path.push(leafOf(random, purpose, fresh(p256Leaf ? () => random.pick(keys.p256) : draw)))
  link(path, random, external)
  const crls = path
    .slice(0, purpose === 'crl' ? -1 : undefined)
    .flatMap((plan) => (isAuthority(plan) ? [crlOf(plan, random)] : []))
  // openssl -crl_check_all asks for the root's own list too; for `crl` the end of the path needs none of its own.
  return { purpose, external, certificates: path, crls, extra: [], repeat: false, anchor: undefined }
}

const isAuthority = (plan: CertificatePlan): boolean =>
  plan.extensions.some(
    ({ oid, value }) =>
      oid === EXTENSION.basicConstraints &&
      (value.value as unknown[]).length > 0 &&
      (value.value as { type: number }[])[0]?.type === 1,
  )

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

export const authorityOf = (key: TestKey): ExtensionPlan => extension.authorityKey(key)

/** Puts other extensions in the place of those of that type. */
export function replace(plan: { extensions: ExtensionPlan[] }, oid: string, by: readonly ExtensionPlan[]): void {
  plan.extensions = [...plan.extensions.filter((each) => each.oid !== oid), ...by]
}
