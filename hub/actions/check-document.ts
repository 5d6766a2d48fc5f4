import { parseCertificate } from '#pki/parse-certificate.ts'
import { publicKeyOf } from '#pki/spki.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { type ParsedDocument, parseDocument } from '#schemas/document.ts'
import { findHubKey } from '#schemas/hub-keys.ts'
import { parseJsonText } from '#schemas/json.ts'
import { type Kind, kindOfTyp, type Payload, type Root } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import { verifyByKeys } from '#schemas/verify-paper.ts'
import type { ArchivedCertificate, Exchange } from '../exchange.ts'

/** One step of checking a document, in words. */
export interface DocumentCheck {
  readonly ok: boolean
  readonly text: Text
}

/** Whoever signed, by name; `signedAt` is RFC 3339. */
export interface DocumentSigner {
  readonly name: string
  readonly thumbprint: string
  readonly signedAt: string
}

/** What became of a document that was handed in. */
export interface CheckedDocument {
  readonly ok: boolean
  readonly kind: Kind
  readonly id: string
  readonly payload: Payload<Kind>
  readonly signers: readonly DocumentSigner[]
  readonly checks: readonly DocumentCheck[]
}

/** Whose signatures a document may bear, as this hub knows them: plain values, which another thread can be given. */
export interface KnownSigners {
  readonly net: string
  readonly hubName: string
  /** Newest first: kept documents outlive a rotation. */
  readonly roots: readonly Root[]
  readonly members: ReadonlyMap<string, KnownCertificate>
}

interface KnownCertificate extends ArchivedCertificate {
  readonly name: string
}

/** What the hub knows of these certificates; of the hub's own the roots tell. */
export function findSigners(
  { trust, findArchived }: Pick<Exchange, 'trust' | 'findArchived'>,
  thumbprints: readonly string[],
): KnownSigners {
  const members = thumbprints.flatMap((thumbprint) => {
    const archived = findArchived(thumbprint)
    if (archived === undefined) return []
    return [[thumbprint, { ...archived, name: trust.findMember(archived.member)?.name ?? archived.member }] as const]
  })
  return {
    net: trust.net,
    hubName: trust.directory()?.payload.hub.name ?? '',
    roots: trust
      .roots()
      .map(({ payload }) => payload)
      .toReversed(),
    members: new Map(members),
  }
}

/** The certificates that a document names, unverified; throws when it is no document. */
export function namedCertificates(text: string): string[] {
  return parseDocument(readKind(text), text).signatures.map(({ thumbprint }) => thumbprint)
}

/**
 * Checks one signed document by what this hub knows: its form, each signature with the registered key it names, that each
 * is of the party whose part it is, and that no certificate was out of its time or revoked. Throws only when it is no document.
 */
export function checkDocument({ net, hubName, roots, members }: KnownSigners, text: string): CheckedDocument {
  const kind = readKind(text)
  const { id, payload } = parseDocument(kind, text)
  const signers: (DocumentSigner & { readonly archived?: ArchivedCertificate; readonly at: number })[] = []
  const keys = {
    member(thumbprint: string, at: number) {
      const archived = members.get(thumbprint)
      if (archived === undefined) throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint })
      signers.push({ name: archived.name, thumbprint, signedAt: toRfc3339(at), archived, at })
      const { publicKey } = parseCertificate(archived.der)
      return { member: archived.member, publicKey: publicKeyOf(publicKey, 'CERTIFICATE_INVALID') }
    },
    hub(thumbprint: string, at: number) {
      const key = findHubKey(roots, kind, thumbprint, new Date(at * 1000))
      signers.push({ name: hubName, thumbprint, signedAt: toRfc3339(at), at })
      return key
    },
    isHub: (thumbprint: string) => !members.has(thumbprint),
  }
  const checks = [
    FORM,
    checkSignatures(() => verifyByKeys({ kind, document: text }, keys, net)),
    ...signers.flatMap(({ name, archived, at }) =>
      archived === undefined ? [] : checkCertificate(name, archived, at),
    ),
  ]
  return {
    ok: checks.every(({ ok }) => ok),
    kind,
    id,
    payload,
    signers: signers.map(({ name, thumbprint, signedAt }) => ({ name, thumbprint, signedAt })),
    checks,
  }
}

const FORM: DocumentCheck = {
  ok: true,
  text: { zh: '格式正确，没有多余或重复的内容', en: 'the form is right, nothing extra and nothing twice' },
}

/** The kind that a document says it is; DOCUMENT_KIND, or what the strict readers refuse. */
function readKind(text: string): Kind {
  const first = text.startsWith('{')
    ? (parseJsonText(text) as { signatures?: { protected?: unknown }[] }).signatures?.[0]?.protected
    : text.split('.', 1)[0]
  const header = parseJsonText(Buffer.from(fromBase64url(typeof first === 'string' ? first : '')).toString())
  const { typ } = (header ?? {}) as { typ?: unknown }
  const kind = typeof typ === 'string' ? kindOfTyp(typ) : undefined
  if (kind === undefined) throw new Refusal('DOCUMENT_KIND', { typ: String(typ).slice(0, 64) })
  return kind
}

function checkSignatures(verify: () => ParsedDocument<Kind>): DocumentCheck {
  try {
    verify()
    const text = {
      zh: '签名有效，内容自签名以来没有改动，签名者是应签的一方',
      en: 'every signature is valid, nothing was changed since, and each is of the party whose part it is',
    }
    return { ok: true, text }
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { detail } = error.problem()
    return { ok: false, text: { zh: `签名不成立：${detail.zh}`, en: `the signatures do not hold: ${detail.en}` } }
  }
}

function checkCertificate(
  name: string,
  { notBefore, notAfter, revoked }: ArchivedCertificate,
  at: number,
): DocumentCheck[] {
  const inTime = notBefore <= at && at <= notAfter
  const standing = revoked === undefined || (!revoked.compromised && at < revoked.since)
  return [
    {
      ok: inTime,
      text: inTime
        ? { zh: `${name}的证书在签名时有效`, en: `the certificate of ${name} was valid when it signed` }
        : { zh: `${name}的证书在签名时无效`, en: `the certificate of ${name} was not valid when it signed` },
    },
    {
      ok: standing,
      text: standing
        ? {
            zh: `${name}的证书在签名时没有被吊销`,
            en: `the certificate of ${name} had not been revoked when it signed`,
          }
        : {
            zh: `${name}的证书已被吊销，签名时间无法证明`,
            en: `the certificate of ${name} is revoked, and the time of signing is not proved`,
          },
    },
  ]
}
