import {
  closed,
  DATASET,
  FILE_PATH,
  HEX,
  HEX_OR_NULL,
  JTI,
  MEMBER,
  NAME,
  NUMBER_FROM_ONE,
  PLACE,
  PURPOSE,
  REASON,
  SECONDS,
  TIME,
  X5T,
} from '../shapes.ts'

/** What a right covers: whole dataset or named files; pulls null means any number. Field and row scopes are reserved. */
export const TERMS = closed(
  {
    purpose: PURPOSE,
    files: {
      anyOf: [{ const: 'all' }, { type: 'array', items: FILE_PATH, minItems: 1, maxItems: 200, uniqueItems: true }],
    },
    until: TIME,
    pulls: { anyOf: [NUMBER_FROM_ONE, { type: 'null' }] },
  },
  ['purpose', 'files', 'until', 'pulls'],
)

/** request: what a consumer wants, on which catalog entry, under which terms. */
export const REQUEST = closed(
  { net: HEX, jti: JTI, iat: SECONDS, consumer: MEMBER, dataset: DATASET, entry: HEX, terms: TERMS },
  ['net', 'jti', 'iat', 'consumer', 'dataset', 'entry', 'terms'],
)

/** offer: the owner's counter-offer on a request; `previous` is the request or the offer before it. */
export const OFFER = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    request: HEX,
    previous: HEX,
    terms: TERMS,
    reason: { type: 'string', maxLength: 2000 },
  },
  ['net', 'jti', 'iat', 'request', 'previous', 'terms', 'reason'],
)

/** consent: one side agrees to the other's last words (`answers`: the offer or request) under exactly these terms. */
export const CONSENT = closed({ net: HEX, jti: JTI, iat: SECONDS, request: HEX, answers: HEX, terms: TERMS }, [
  'net',
  'jti',
  'iat',
  'request',
  'answers',
  'terms',
])

/** refusal: a party says no, with a reason that reaches the applicant. */
export const REFUSAL = closed({ net: HEX, jti: JTI, iat: SECONDS, request: HEX, reason: REASON }, [
  'net',
  'jti',
  'iat',
  'request',
  'reason',
])

const VIA = {
  anyOf: [
    closed({ kind: { const: 'certificate' }, thumbprint: HEX }, ['kind', 'thumbprint']),
    closed({ kind: { type: 'string', enum: ['link', 'control', 'rule'] } }, ['kind']),
  ],
} as const

/** decision: the hub's word, naming each operator who decided and by which door (`rule`: an unconditional offer). */
export const DECISION = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    subject: closed(
      {
        kind: { type: 'string', enum: ['agreement', 'admission', 'request', 'member', 'certificate'] },
        id: { type: 'string', maxLength: 128 },
      },
      ['kind', 'id'],
    ),
    outcome: { type: 'string', enum: ['approved', 'refused', 'suspended', 'resumed', 'revoked', 'terminated'] },
    // Of a revocation for compromise: from when the key was in other hands.
    since: TIME,
    by: {
      type: 'array',
      minItems: 1,
      maxItems: 4,
      items: closed({ operator: NAME, via: VIA, at: TIME, reason: { type: 'string', maxLength: 2000 } }, [
        'operator',
        'via',
        'at',
        'reason',
      ]),
    },
  },
  ['net', 'jti', 'iat', 'subject', 'outcome', 'by'],
)

/** agreement: one payload, one signature per party (general JSON form). `policy` is ODRL and follows from `terms`. */
export const AGREEMENT = closed(
  {
    kind: { const: 'agreement' },
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    request: HEX,
    entry: HEX,
    offer: HEX_OR_NULL,
    dataset: DATASET,
    consumer: MEMBER,
    owners: { type: 'array', items: MEMBER, minItems: 1, maxItems: 16, uniqueItems: true },
    sharing: { type: 'string', enum: ['unconditional', 'conditional'] },
    offerTerms: NUMBER_FROM_ONE,
    sensitive: { type: 'boolean' },
    terms: TERMS,
    policy: { type: 'object' },
  },
  [
    'kind',
    'net',
    'jti',
    'iat',
    'request',
    'entry',
    'offer',
    'dataset',
    'consumer',
    'owners',
    'sharing',
    'offerTerms',
    'sensitive',
    'terms',
    'policy',
  ],
)

/** agreement-change: suspension, resumption, termination; `previous` is the same signer's change before it, first the agreement. */
export const AGREEMENT_CHANGE = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    agreement: HEX,
    change: { type: 'string', enum: ['suspend', 'resume', 'terminate'] },
    reason: REASON,
    previous: HEX,
    certificate: HEX,
  },
  ['net', 'jti', 'iat', 'agreement', 'change', 'reason', 'previous'],
)

/** grant-request: the consumer asks for a grant bound to its TLS certificate. */
export const GRANT_REQUEST = closed({ net: HEX, jti: JTI, iat: SECONDS, agreement: HEX, holder: HEX }, [
  'net',
  'jti',
  'iat',
  'agreement',
  'holder',
])

/** grant: JWT (RFC 7519) bound to a certificate (RFC 8705 §3.1). The only thing a node needs on the hot path. */
export const GRANT = closed(
  {
    net: HEX,
    iss: { const: 'hub' },
    aud: MEMBER,
    sub: MEMBER,
    cnf: closed({ 'x5t#S256': X5T }, ['x5t#S256']),
    agreement: HEX,
    dataset: DATASET,
    terms: TERMS,
    status: PLACE,
    jti: JTI,
    iat: SECONDS,
    exp: SECONDS,
  },
  ['net', 'iss', 'aud', 'sub', 'cnf', 'agreement', 'dataset', 'terms', 'status', 'jti', 'iat', 'exp'],
)

/** pull-order: the consumer's signed demand for one manifest under one agreement. */
export const PULL_ORDER = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    agreement: HEX,
    grant: JTI,
    consumer: MEMBER,
    owner: MEMBER,
    dataset: DATASET,
    version: NUMBER_FROM_ONE,
    manifest: HEX,
    purpose: PURPOSE,
  },
  ['net', 'jti', 'iat', 'agreement', 'grant', 'consumer', 'owner', 'dataset', 'version', 'manifest', 'purpose'],
)

/** delivery: the owner's word on what left; answers the order. `bytes` of content that left this node for this pull. */
export const DELIVERY = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    order: HEX,
    agreement: HEX,
    dataset: DATASET,
    version: NUMBER_FROM_ONE,
    manifest: HEX,
    bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    outcome: { type: 'string', enum: ['delivered', 'cut', 'lapsed'] },
    opened: TIME,
    closed: TIME,
  },
  ['net', 'jti', 'iat', 'order', 'agreement', 'dataset', 'version', 'manifest', 'bytes', 'outcome', 'opened', 'closed'],
)

/** acknowledgement: the consumer's word on what arrived; answers the delivery, or the order where no delivery came. */
export const ACKNOWLEDGEMENT = closed(
  {
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    order: HEX,
    delivery: HEX_OR_NULL,
    agreement: HEX,
    manifest: HEX,
    bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    outcome: { type: 'string', enum: ['verified', 'rejected', 'abandoned'] },
  },
  ['net', 'jti', 'iat', 'order', 'delivery', 'agreement', 'manifest', 'bytes', 'outcome'],
)
