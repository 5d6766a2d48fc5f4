import {
  CERTIFICATE,
  COUNT,
  closed,
  ENDPOINT,
  HEX,
  HEX_OR_NULL,
  JTI,
  MEMBER,
  MEMBER_CLASS,
  NAME,
  NUMBER_FROM_ONE,
  PLACE,
  REASON,
  SECONDS,
  TIME,
  TIME_OR_NULL,
} from '../shapes.ts'

const NETWORKS = { type: 'array', items: { type: 'string', maxLength: 64 }, maxItems: 64 } as const

/** Who may be an external CA (电子签名法 art. 16): name, licence and its certificates, issuing CA first. */
const CA = closed(
  {
    name: NAME,
    kind: { type: 'string', enum: ['embedded', 'external'] },
    licence: { type: 'string', maxLength: 200 },
    certificates: { type: 'array', items: CERTIFICATE, minItems: 1, maxItems: 4 },
  },
  ['name', 'kind', 'certificates'],
)

/** root: the hub's online certificates, one purpose each, and the CAs. Several signatures: payload names its kind. */
export const ROOT = closed(
  {
    kind: { const: 'root' },
    net: HEX,
    version: NUMBER_FROM_ONE,
    iat: SECONDS,
    previous: HEX_OR_NULL,
    certificate: CERTIFICATE,
    keys: {
      type: 'array',
      minItems: 2,
      maxItems: 12,
      items: closed(
        { purpose: { type: 'string', enum: ['directory', 'grant', 'log'] }, certificate: CERTIFICATE, from: TIME },
        ['purpose', 'certificate', 'from'],
      ),
    },
    cas: { type: 'array', items: CA, minItems: 1, maxItems: 32 },
  },
  ['kind', 'net', 'version', 'iat', 'previous', 'certificate', 'keys', 'cas'],
)

/** directory: signed index of the member parts, with policy and the newest root. */
export const DIRECTORY = closed(
  {
    net: HEX,
    version: NUMBER_FROM_ONE,
    iat: SECONDS,
    exp: SECONDS,
    root: closed({ version: NUMBER_FROM_ONE, hash: HEX }, ['version', 'hash']),
    phase: { type: 'string', enum: ['construction', 'rollout'] },
    policy: closed(
      {
        limits: { type: 'object', propertyNames: { maxLength: 64 }, additionalProperties: COUNT, maxProperties: 16 },
        networks: NETWORKS,
        loopback: { type: 'boolean' },
      },
      ['limits', 'networks', 'loopback'],
    ),
    hub: closed({ name: NAME, member: ENDPOINT, enrolment: ENDPOINT, public: { type: 'string', maxLength: 300 } }, [
      'name',
      'member',
      'enrolment',
      'public',
    ]),
    parts: { type: 'array', items: HEX, minItems: 1, maxItems: 4096 },
  },
  ['net', 'version', 'iat', 'exp', 'root', 'phase', 'policy', 'hub', 'parts'],
)

const REGISTERED = closed(
  {
    use: { type: 'string', enum: ['tls', 'signing'] },
    thumbprint: HEX,
    certificate: CERTIFICATE,
    request: HEX,
    status: PLACE,
  },
  ['use', 'thumbprint', 'certificate', 'request', 'status'],
)

/** One member of the directory with every certificate that still counts. */
export const MEMBER_ENTRY = closed(
  {
    id: MEMBER,
    name: NAME,
    class: MEMBER_CLASS,
    standing: { type: 'string', enum: ['good', 'suspended', 'revoked'] },
    admission: HEX,
    endpoint: { anyOf: [ENDPOINT, { type: 'null' }] },
    sponsors: {
      type: 'array',
      maxItems: 64,
      items: closed({ sponsorship: HEX, sponsor: MEMBER, until: TIME_OR_NULL }, ['sponsorship', 'sponsor', 'until']),
    },
    certificates: { type: 'array', maxItems: 32, items: REGISTERED },
  },
  ['id', 'name', 'class', 'standing', 'admission', 'endpoint', 'sponsors', 'certificates'],
)

/** A part of the directory, fetched by the SHA-256 of its bytes; unsigned since the directory signs the hash. */
export const DIRECTORY_PART = closed({ members: { type: 'array', items: MEMBER_ENTRY, maxItems: 4096 } }, ['members'])

/**
 * status list (IETF Token Status List, 2 bits: 0 good, 1 revoked, 2 suspended). `regions`: which places the bits are of, in
 * order, where a list has grown or its hub was restored; absent: from 0 on.
 */
export const STATUS_LIST = closed(
  {
    net: HEX,
    version: NUMBER_FROM_ONE,
    iat: SECONDS,
    exp: SECONDS,
    ttl: SECONDS,
    regions: {
      type: 'array',
      minItems: 1,
      maxItems: 256,
      items: closed({ from: PLACE, places: COUNT }, ['from', 'places']),
    },
    status_list: closed({ bits: { const: 2 }, lst: { type: 'string', maxLength: 4_000_000 } }, ['bits', 'lst']),
  },
  ['net', 'version', 'iat', 'exp', 'ttl', 'status_list'],
)

/** admission: who is a member, of what class, on whose word (the operator's). Signed by the hub. */
export const ADMISSION = closed(
  { net: HEX, jti: JTI, iat: SECONDS, member: MEMBER, name: NAME, class: MEMBER_CLASS, request: HEX, operator: NAME },
  ['net', 'jti', 'iat', 'member', 'name', 'class', 'request', 'operator'],
)

/** sponsorship: a member association vouches for an affiliate (guidance art. 13 ③). */
export const SPONSORSHIP = closed(
  { net: HEX, jti: JTI, iat: SECONDS, sponsor: MEMBER, affiliate: MEMBER, until: TIME_OR_NULL },
  ['net', 'jti', 'iat', 'sponsor', 'affiliate', 'until'],
)

/** sponsorship-revocation: the sponsor takes its word back. */
export const SPONSORSHIP_REVOCATION = closed(
  { net: HEX, jti: JTI, iat: SECONDS, sponsor: MEMBER, affiliate: MEMBER, sponsorship: HEX, reason: REASON },
  ['net', 'jti', 'iat', 'sponsor', 'affiliate', 'sponsorship', 'reason'],
)

const KEY_PROOF = {
  anyOf: [
    closed({ csr: CERTIFICATE }, ['csr']),
    closed({ certificate: CERTIFICATE, chain: { type: 'array', items: CERTIFICATE, maxItems: 3 } }, [
      'certificate',
      'chain',
    ]),
  ],
} as const

/** certificate-request: the next TLS and signing pair, signed by the signing key before it (contract, Key continuity). */
export const CERTIFICATE_REQUEST = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    member: MEMBER,
    previous: HEX_OR_NULL,
    tls: KEY_PROOF,
    signing: KEY_PROOF,
    endpoint: { anyOf: [ENDPOINT, { type: 'null' }] },
  },
  ['net', 'jti', 'iat', 'member', 'previous', 'tls', 'signing', 'endpoint'],
)
