import { sign as cryptoSign, verify as cryptoVerify, type KeyObject } from 'node:crypto'
import { base64urlToHex, fromBase64url, hexToBase64url, toBase64url } from './base64url.ts'
import { findUnreadable } from './catalog/display-text.ts'
import { sha256 } from './hash.ts'
import { parseJson } from './json.ts'
import { KINDS, type Kind, kindOfTyp, type Payload, typOf } from './kinds.ts'
import { Refusal } from './refusal.ts'
import { closed, PLACE, SECONDS, X5T } from './shapes.ts'
import { requireValid, validate } from './validate.ts'

/** Who signs: the private key and the SHA-256 of its certificate (hex). */
export interface Signer {
  readonly key: KeyObject
  readonly thumbprint: string
}

/** Roles of several signatures: an agreement's parties, a JOINT entry's owners, a root's own key and the one before. */
export type Role = 'consumer' | 'owner' | 'hub' | 'root' | 'previous'

/** A document whose shape is checked and nothing else: no signature has been verified yet. */
export interface ParsedDocument<K extends Kind> {
  readonly kind: K
  /** SHA-256 of protected header + payload; with several signatures of the payload segment alone. */
  readonly id: string
  /** The text as received; this is what is stored, hashed and passed on, never a re-serialisation. */
  readonly text: string
  readonly payload: Payload<K>
  /** The network the payload names, of every kind. */
  readonly net: string
  readonly signatures: readonly ParsedSignature[]
}

/** One signature, still unverified. `role`, `iat`, `decision`, `status` only in the general form. */
export interface ParsedSignature {
  readonly thumbprint: string
  readonly signingInput: string
  readonly signature: Uint8Array
  readonly role?: Role
  readonly iat?: number
  readonly decision?: string
  readonly status?: number
}

const COMPACT_HEADER = closed({ alg: { const: 'ES256' }, typ: { type: 'string' }, kid: X5T }, ['alg', 'typ', 'kid'])
const GENERAL_HEADER = closed(
  {
    alg: { const: 'ES256' },
    typ: { type: 'string' },
    kid: X5T,
    role: { type: 'string', enum: ['consumer', 'owner', 'hub', 'root', 'previous'] },
    iat: SECONDS,
    decision: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    status: PLACE,
  },
  ['alg', 'typ', 'kid', 'role', 'iat'],
)
const GENERAL = closed(
  {
    payload: { type: 'string' },
    signatures: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: closed({ protected: { type: 'string', maxLength: 1000 }, signature: { type: 'string', maxLength: 100 } }, [
        'protected',
        'signature',
      ]),
    },
  },
  ['payload', 'signatures'],
)
const SIGNATURE_BYTES = 64

/** Signs a payload as compact JWS, ES256 (RFC 7515 §7.1). The payload is validated, so nothing malformed is ever signed. */
export function signDocument<K extends Kind>(kind: K, payload: Payload<K>, signer: Signer): string {
  requirePayload(kind, payload)
  const input = `${encode({ alg: 'ES256', typ: typOf(kind), kid: hexToBase64url(signer.thumbprint) })}.${encode(payload)}`
  return `${input}.${toBase64url(signBytes(input, signer.key))}`
}

/** What a further signature of the general form says in its protected header. */
export interface SignatureClaims {
  readonly role: Role
  readonly iat: number
  readonly decision?: string
  readonly status?: number
}

/** First signature of a document that several parties sign (general JSON form, RFC 7515 §7.2.1). */
export function openGeneralDocument<K extends Kind>(
  kind: K,
  payload: Payload<K>,
  signer: Signer,
  claims: SignatureClaims,
): string {
  requirePayload(kind, payload)
  return addSignature(JSON.stringify({ payload: encode(payload), signatures: [] }), kind, signer, claims)
}

/** The same payload bytes with one more signature. Verify those already there before adding your own. */
export function addSignature(text: string, kind: Kind, signer: Signer, claims: SignatureClaims): string {
  const general = JSON.parse(text) as { payload: string; signatures: object[] }
  const header = encode({ alg: 'ES256', typ: typOf(kind), kid: hexToBase64url(signer.thumbprint), ...claims })
  const signature = toBase64url(signBytes(`${header}.${general.payload}`, signer.key))
  return JSON.stringify({
    payload: general.payload,
    signatures: [...general.signatures, { protected: header, signature }],
  })
}

/**
 * Protocol 1.2: reads one document of the given kind. Size, strict base64url, strict JSON, fixed header, `typ`, schema.
 * Trusts nothing: the signature is still to be verified by {@link verifySignature} under a key of *our* directory.
 */
export function parseDocument<K extends Kind>(kind: K, text: string): ParsedDocument<K> {
  if (!(text.length <= KINDS[kind].mostBytes * 1.5))
    throw new Refusal('BODY_TOO_LARGE', { kind, mostBytes: KINDS[kind].mostBytes })
  return KINDS[kind].form === 'general' ? parseGeneral(kind, text) : parseCompact(kind, text)
}

function parseCompact<K extends Kind>(kind: K, text: string): ParsedDocument<K> {
  const [header, payload, signature, ...rest] = text.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new Refusal('DOCUMENT_INVALID', { rule: 'compact JWS has three segments' })
  }
  const { kid } = parseHeader(kind, COMPACT_HEADER, header)
  const signingInput = `${header}.${payload}`
  return {
    kind,
    id: sha256(signingInput),
    text,
    ...parsePayload(kind, payload),
    signatures: [{ thumbprint: base64urlToHex(kid), signingInput, signature: parseSignature(signature) }],
  }
}

function parseGeneral<K extends Kind>(kind: K, text: string): ParsedDocument<K> {
  const general = validate(GENERAL, parseJson(Buffer.from(text)), 'DOCUMENT_INVALID')
  const signatures = general.signatures.map((one): ParsedSignature => {
    const { kid, alg: _alg, typ: _typ, ...claims } = parseHeader(kind, GENERAL_HEADER, one.protected)
    return {
      thumbprint: base64urlToHex(kid),
      signingInput: `${one.protected}.${general.payload}`,
      signature: parseSignature(one.signature),
      ...(claims as object as SignatureClaims),
    }
  })
  return { kind, id: sha256(general.payload), text, ...parsePayload(kind, general.payload), signatures }
}

function parseHeader(
  kind: Kind,
  schema: typeof COMPACT_HEADER | typeof GENERAL_HEADER,
  segment: string,
): { kid: string; alg: string; typ: string } {
  const raw = parseJson(fromBase64url(segment)) as { typ?: unknown }
  const typ = typeof raw?.typ === 'string' ? raw.typ : ''
  if (typ !== typOf(kind)) throw wrongTyp(typ, kind)
  requireValid(schema, raw, 'DOCUMENT_HEADER')
  return raw as { kid: string; alg: string; typ: string }
}

function wrongTyp(typ: string, wanted: Kind): Refusal {
  const foreign = /^hanghui-[a-z-]+\.v(\d+)\+jws$/.exec(typ)?.[1]
  if (foreign !== undefined && foreign !== '1') return new Refusal('PROTOCOL_UNSUPPORTED', { typ: typ.slice(0, 64) })
  const is = kindOfTyp(typ) ?? typ.slice(0, 64)
  return new Refusal('DOCUMENT_KIND', {
    wanted,
    is,
    detail: { zh: `需要 ${wanted}，收到 ${is}`, en: `Wanted ${wanted}, got ${is}` },
  })
}

function parsePayload<K extends Kind>(kind: K, segment: string): { payload: Payload<K>; net: string } {
  const payload = parseJson(fromBase64url(segment))
  requirePayload(kind, payload)
  return { payload: payload as Payload<K>, net: (payload as { net: string }).net }
}

/** What nobody signs and nobody takes: a payload that does not fit, or bears what readers cannot see (threats E11). */
function requirePayload(kind: Kind, payload: unknown): void {
  requireValid(KINDS[kind].schema, payload, 'DOCUMENT_INVALID')
  const field = findUnreadable(payload)
  if (field !== undefined) throw new Refusal('TEXT_INVALID', { field })
}

function parseSignature(segment: string): Uint8Array {
  const signature = fromBase64url(segment)
  if (signature.length !== SIGNATURE_BYTES)
    throw new Refusal('SIGNATURE_INVALID', { rule: 'ES256 has 64 bytes (RFC 7518 §3.4)' })
  return signature
}

/** ES256 under exactly this key; SIGNATURE_INVALID otherwise. The key comes from our directory, never from the header. */
export function verifySignature(signature: ParsedSignature, publicKey: KeyObject): void {
  const holds = cryptoVerify(
    'sha256',
    Buffer.from(signature.signingInput),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    signature.signature,
  )
  if (!holds) throw new Refusal('SIGNATURE_INVALID')
}

/** The one signature of a compact document. */
export function onlySignature(document: { readonly signatures: readonly ParsedSignature[] }): ParsedSignature {
  const [signature, ...more] = document.signatures
  if (signature === undefined || more.length > 0) throw new Refusal('SIGNATURES_INCOMPLETE')
  return signature
}

function encode(value: unknown): string {
  return toBase64url(Buffer.from(JSON.stringify(value)))
}

function signBytes(input: string, key: KeyObject): Uint8Array {
  return cryptoSign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}
