import type { KeyObject } from 'node:crypto'
import { type Issuer, issuerOf } from '#pki/certificates.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { fromRfc3339 } from '#schemas/clock.ts'
import type { Signer } from '#schemas/document.ts'
import type { Root } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import type { Registry } from '../registry.ts'

export type Purpose = Root['keys'][number]['purpose']

/** A new online key is listed this long (a directory's life) before its first use, the old one as long after its last. */
export const OVERLAP_SECONDS = 72 * 3_600
/** A key whose use begins later than this after its making was planned ahead; one for a compromised key begins at once. */
const PLANNED_SECONDS = 24 * 3_600

/** An online key of the newest root whose private half lies here. Times are Unix seconds. */
export interface OnlineKey {
  readonly purpose: Purpose
  readonly certificate: Certificate
  readonly key: KeyObject
  /** First use. */
  readonly from: number
}

/** The hub's own keys under the newest root. Throws CERTIFICATE_EXPIRED where none is left that may sign. */
export type OnlineKeys = ReturnType<typeof createOnlineKeys>

/** Worked out once per root, since grants are signed often. */
export function createOnlineKeys({
  trust,
  keyring,
  roots,
  clock,
}: Pick<Registry, 'trust' | 'keyring' | 'roots' | 'clock'>) {
  let known: { root: string; keys: OnlineKey[] } | undefined

  function all(): readonly OnlineKey[] {
    const root = trust.roots().at(-1) as VerifiedRoot
    if (known?.root !== root.id) known = { root: root.id, keys: root.payload.keys.flatMap((entry) => openKey(entry)) }
    return known.keys
  }

  function openKey({ purpose, certificate, from }: Root['keys'][number]): OnlineKey[] {
    const parsed = parseCertificate(fromBase64url(certificate))
    const key = keyring.find(parsed.publicKey.der)
    return key === undefined
      ? []
      : [{ purpose, certificate: parsed, key, from: firstUse(certificate, parsed, fromRfc3339(from)) }]
  }

  /** A ceremony may take days: what was planned ahead waits 72 h from the day the hub hands the root out. */
  function firstUse(text: string, certificate: Certificate, from: number): number {
    const listing = trust.roots().find(({ payload }) => payload.keys.some((key) => key.certificate === text))
    const planned = from - certificate.notBefore.getTime() / 1000 >= PLANNED_SECONDS
    if (listing === undefined || !planned) return from
    const accepted = roots.all().find(({ id }) => id === listing.id)?.accepted ?? listing.payload.iat
    return Math.max(from, accepted + OVERLAP_SECONDS)
  }

  /** The key in use: of those begun and not ended the latest begun, else the one that begins first. */
  function find(purpose: Purpose): OnlineKey {
    const now = clock.now()
    const valid = all().filter((one) => one.purpose === purpose && now <= one.certificate.notAfter.getTime() / 1000)
    const byFirstUse = valid.toSorted((a, b) => a.from - b.from)
    const found = byFirstUse.findLast(({ from }) => from <= now) ?? byFirstUse[0]
    if (found === undefined) throw new Refusal('CERTIFICATE_EXPIRED', { purpose, rule: 'hanghui pki root rotate' })
    return found
  }

  return {
    all,
    find,
    signer(purpose: Purpose): Signer {
      const { key, certificate } = find(purpose)
      return { key, thumbprint: certificate.thumbprint }
    },
  }
}

/** The embedded CAs of the newest root whose keys lie here, the one in use first. */
export function issuersOf({
  trust,
  keyring,
}: Pick<Registry, 'trust' | 'keyring'>): { issuer: Issuer; chain: Certificate[] }[] {
  return trust.root().cas.flatMap(({ kind, certificates }) => {
    const chain = certificates.map((text) => parseCertificate(fromBase64url(text)))
    const [issuing] = chain
    const key = kind === 'embedded' && issuing !== undefined ? keyring.find(issuing.publicKey.der) : undefined
    return issuing === undefined || key === undefined ? [] : [{ issuer: issuerOf(issuing, key), chain }]
  })
}

/** The issuing CA in use. Throws CERTIFICATE_EXPIRED when it has ended. */
export function issuingCa(r: Pick<Registry, 'trust' | 'keyring' | 'clock'>): { issuer: Issuer; chain: Certificate[] } {
  const found = issuersOf(r).find(({ issuer }) => r.clock.now() <= issuer.certificate.notAfter.getTime() / 1000)
  if (found === undefined) throw new Refusal('CERTIFICATE_EXPIRED', { rule: 'hanghui pki root rotate --key issuing' })
  return found
}

/** Certificates of a CA without its self-signed root: what a holder shows beside its own. */
export function shownChain(chain: readonly Certificate[]): Certificate[] {
  return chain.filter(({ subject, issuer }) => !subject.der.equals(issuer.der))
}
