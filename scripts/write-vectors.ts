/** Writes `schemas/vectors/documents.json` anew: good and bad documents with the refusal each must meet, and the keys to check them. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hexToBase64url, toBase64url } from '#schemas/base64url.ts'
import { addSignature, openGeneralDocument, signDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Agreement, Payload } from '#schemas/kinds.ts'
import { policyOf } from '#schemas/policy.ts'

const net = sha256('vector network')
const jti = 'AAAAAAAAAAAAAAAAAAAAAA'
const iat = 1_790_000_000
const owner = '51100000PDY00001X3'
const consumer = '11100000PDY0090060'
const signers = Object.fromEntries(['owner', 'consumer', 'hub'].map((name) => [name, newSigner(name)])) as Record<
  'owner' | 'consumer' | 'hub',
  ReturnType<typeof newSigner>
>

function newSigner(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    thumbprint: sha256(`certificate of ${name}`),
    jwk: publicKey.export({ format: 'jwk' }),
  }
}

const order: Payload<'pull-order'> = {
  net,
  jti,
  iat,
  agreement: sha256('a'),
  grant: jti,
  consumer,
  owner,
  dataset: `${owner}/output`,
  version: 1,
  manifest: sha256('m'),
  purpose: '行业运行监测',
}
const good = signDocument('pull-order', order, signers.consumer)
const [header = '', payload = '', signature = ''] = good.split('.')
const raw = (head: object, body: string) => {
  const input = `${toBase64url(Buffer.from(JSON.stringify(head)))}.${toBase64url(Buffer.from(body))}`
  return `${input}.${toBase64url(sign('sha256', Buffer.from(input), { key: signers.consumer.key, dsaEncoding: 'ieee-p1363' }))}`
}
const head = { alg: 'ES256', typ: 'hanghui-pull-order.v1+jws', kid: hexToBase64url(signers.consumer.thumbprint) }
const text = JSON.stringify(order)
const delivery: Payload<'delivery'> = {
  net,
  jti,
  iat,
  order: sha256('o'),
  agreement: order.agreement,
  dataset: order.dataset,
  version: 1,
  manifest: order.manifest,
  bytes: 1,
  outcome: 'delivered',
  opened: '2028-02-29T00:00:00Z',
  closed: '2028-02-29T23:59:59Z',
}
const delivered = (closed: string) =>
  raw({ ...head, typ: 'hanghui-delivery.v1+jws' }, JSON.stringify({ ...delivery, closed }))
const terms = { purpose: '行业运行监测', files: 'all' as const, until: '2027-01-01T00:00:00Z', pulls: null }
const parties = { dataset: `${owner}/output`, consumer, owners: [owner] }
const agreement: Agreement = {
  kind: 'agreement',
  net,
  jti,
  iat,
  request: sha256('r'),
  entry: sha256('e'),
  offer: null,
  ...parties,
  sharing: 'conditional',
  offerTerms: 1,
  sensitive: false,
  terms,
  policy: policyOf(parties, terms) as never,
}
const one = openGeneralDocument('agreement', agreement, signers.owner, { role: 'owner', iat })
const two = addSignature(one, 'agreement', signers.consumer, { role: 'consumer', iat })
const three = addSignature(two, 'agreement', signers.hub, { role: 'hub', iat, decision: sha256('d'), status: 7 })

const cases = [
  { comment: 'good', kind: 'pull-order', document: good, code: null },
  {
    comment: 'signature of other bytes',
    kind: 'pull-order',
    document: `${header}.${payload}.${toBase64url(Buffer.alloc(64, 1))}`,
    code: 'SIGNATURE_INVALID',
  },
  {
    comment: 'r = s = 0',
    kind: 'pull-order',
    document: `${header}.${payload}.${toBase64url(Buffer.alloc(64))}`,
    code: 'SIGNATURE_INVALID',
  },
  {
    comment: 'short signature',
    kind: 'pull-order',
    document: `${header}.${payload}.${toBase64url(Buffer.alloc(63))}`,
    code: 'SIGNATURE_INVALID',
  },
  { comment: 'padding after the signature', kind: 'pull-order', document: `${good}==`, code: 'BASE64_INVALID' },
  { comment: 'four segments', kind: 'pull-order', document: `${good}.x`, code: 'DOCUMENT_INVALID' },
  { comment: 'read as another kind', kind: 'delivery', document: good, code: 'DOCUMENT_KIND' },
  { comment: 'alg none', kind: 'pull-order', document: raw({ ...head, alg: 'none' }, text), code: 'DOCUMENT_HEADER' },
  { comment: 'HS256', kind: 'pull-order', document: raw({ ...head, alg: 'HS256' }, text), code: 'DOCUMENT_HEADER' },
  {
    comment: 'jwk header',
    kind: 'pull-order',
    document: raw({ ...head, jwk: signers.consumer.jwk }, text),
    code: 'DOCUMENT_HEADER',
  },
  {
    comment: 'jku header',
    kind: 'pull-order',
    document: raw({ ...head, jku: 'https://127.0.0.1/k' }, text),
    code: 'DOCUMENT_HEADER',
  },
  { comment: 'x5c header', kind: 'pull-order', document: raw({ ...head, x5c: ['AA'] }, text), code: 'DOCUMENT_HEADER' },
  {
    comment: 'crit header',
    kind: 'pull-order',
    document: raw({ ...head, crit: ['b64'], b64: false }, text),
    code: 'DOCUMENT_HEADER',
  },
  {
    comment: 'unknown major version',
    kind: 'pull-order',
    document: raw({ ...head, typ: 'hanghui-pull-order.v2+jws' }, text),
    code: 'PROTOCOL_UNSUPPORTED',
  },
  {
    comment: 'duplicate key in the payload',
    kind: 'pull-order',
    document: raw(head, text.replace('{', '{"version":1,')),
    code: 'JSON_DUPLICATE_KEY',
  },
  {
    comment: 'unknown member in the payload',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, rows: 'all' })),
    code: 'DOCUMENT_INVALID',
  },
  {
    comment: 'hash in upper case',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, manifest: order.manifest.toUpperCase() })),
    code: 'DOCUMENT_INVALID',
  },
  {
    comment: 'time as text',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, iat: '2026' })),
    code: 'DOCUMENT_INVALID',
  },
  {
    comment: 'purpose of white space',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, purpose: '  ' })),
    code: 'DOCUMENT_INVALID',
  },
  {
    comment: 'escape character in a purpose',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, purpose: 'a\u001b[31m' })),
    code: 'TEXT_INVALID',
  },
  {
    comment: 'direction character in a purpose',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, purpose: 'a\u202eb' })),
    code: 'TEXT_INVALID',
  },
  {
    comment: 'purpose that is not NFC',
    kind: 'pull-order',
    document: raw(head, JSON.stringify({ ...order, purpose: 'e\u0301' })),
    code: 'TEXT_INVALID',
  },
  { comment: 'leap day', kind: 'delivery', document: delivered(delivery.closed), code: null },
  ...[
    '2026-99-99T99:99:99Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-12-31T23:59:60Z',
    '0000-00-00T00:00:00Z',
  ].map((closed) => ({
    comment: `no moment: ${closed}`,
    kind: 'delivery',
    document: delivered(closed),
    code: 'DOCUMENT_INVALID',
  })),
  { comment: 'agreement with its three signatures', kind: 'agreement', document: three, code: null },
  { comment: 'agreement with two of three', kind: 'agreement', document: two, code: 'SIGNATURES_INCOMPLETE' },
  {
    comment: 'agreement, one signature broken',
    kind: 'agreement',
    document: three.replace(/"signature":"...../, '"signature":"AAAAA'),
    code: 'SIGNATURE_INVALID',
  },
  {
    comment: 'agreement, consumer signs twice',
    kind: 'agreement',
    document: addSignature(three, 'agreement', signers.consumer, { role: 'consumer', iat }),
    code: 'SIGNATURES_INCOMPLETE',
  },
  {
    comment: 'agreement, consumer signs as owner',
    kind: 'agreement',
    document: addSignature(
      addSignature(one, 'agreement', signers.consumer, { role: 'owner', iat }),
      'agreement',
      signers.hub,
      { role: 'hub', iat, decision: sha256('d'), status: 7 },
    ),
    code: 'SIGNER_FORBIDDEN',
  },
  {
    comment: 'agreement whose policy says more than its terms',
    kind: 'agreement',
    document: openGeneralDocument('agreement', { ...agreement, policy: {} }, signers.owner, { role: 'owner', iat }),
    code: 'TERMS_MISMATCH',
  },
]
if (signature === '') throw new Error('unreachable')
const keys = Object.entries(signers).map(([name, { thumbprint, jwk }]) => ({
  name,
  member: name === 'owner' ? owner : name === 'consumer' ? consumer : 'hub',
  thumbprint,
  jwk,
}))
writeFileSync(
  fileURLToPath(new URL('../schemas/vectors/documents.json', import.meta.url)),
  `${JSON.stringify({ net, keys, cases }, null, 2)}\n`,
)
