import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { compactVerify, generalVerify, importJWK, type JWK } from 'jose'
import t from 'tap'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { createClock, endOfBeijingDay, fromRfc3339, requireFresh, toBeijing, toRfc3339 } from '#schemas/clock.ts'
import { onlySignature, parseDocument, verifySignature } from '#schemas/document.ts'
import { parseJson } from '#schemas/json.ts'
import { KINDS, type Kind } from '#schemas/kinds.ts'
import { LIMITS, tightenLimits } from '#schemas/limits.ts'
import { isRefusal, Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import { REFUSALS } from '#schemas/refusals.ts'
import { decodeStatusList, encodeStatusList, findUnrevoked, statusAt } from '#schemas/status-list.ts'
import { MESSAGES, nextState, STATES, TRANSITIONS } from '#schemas/transitions.ts'
import { verifyAgreement } from '#schemas/verify-agreement.ts'

interface Vector {
  readonly comment: string
  readonly text?: string
  readonly hex?: string
  readonly code: string | null
}

const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../schemas/vectors/${name}.json`, import.meta.url), 'utf8')) as T

function codeOf(step: () => unknown): string | null {
  try {
    step()
    return null
  } catch (error) {
    if (isRefusal(error)) return error.code
    throw error
  }
}

t.test('strict JSON meets its vectors', async (t) => {
  for (const { comment, text, hex, code } of vectors<Vector[]>('json')) {
    t.equal(
      codeOf(() => parseJson(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex'))),
      code,
      comment,
    )
  }
  t.equal(
    codeOf(() => parseJson(Buffer.from('['.repeat(32) + ']'.repeat(32)))),
    null,
    'depth 32',
  )
  const keyed = (keys: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, 1])))
  t.equal(
    codeOf(() => parseJson(Buffer.from(keyed(1_000)))),
    null,
    '1,000 keys',
  )
  t.equal(
    codeOf(() => parseJson(Buffer.from(keyed(1_001)))),
    'JSON_INVALID',
    'more keys than any document has',
  )
  for (const depth of [34, 10_000, 1_000_000])
    t.equal(
      codeOf(() => parseJson(Buffer.from('['.repeat(depth)))),
      'JSON_DEPTH',
      `depth ${depth}`,
    )
  const long = 'a'.repeat(2_000_000)
  t.equal(parseJson(Buffer.from(`"${'\\u0061'.repeat(long.length)}"`)), long, 'as many escapes as there is room for')
})

t.test('strict JSON reads what JSON.stringify writes', async () => {
  const value = fc
    .jsonValue({ noUnicodeString: false, maxDepth: 5 })
    .filter((one) => !/__proto__|constructor|prototype|\\u0000|e[+-]|-0/.test(JSON.stringify(one)))
  fc.assert(
    fc.property(value, (one) => {
      const text = JSON.stringify(one)
      const numbersSafe = !(text.match(/\d{16,}/) ?? false)
      fc.pre(numbersSafe && text.isWellFormed() && !/\\ud[89a-f]/i.test(text))
      t.same(parseJson(Buffer.from(text)), JSON.parse(text))
    }),
    { numRuns: 200 },
  )
})

t.test('strict base64url meets its vectors', async (t) => {
  for (const { comment, text, code } of vectors<Vector[]>('base64url'))
    t.equal(
      codeOf(() => fromBase64url(text ?? '')),
      code,
      comment,
    )
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.from(fromBase64url(toBase64url(bytes))).equals(bytes)))
})

t.test('documents meet their vectors, and an independent library agrees on the good ones', async (t) => {
  interface Key {
    readonly member: string
    readonly thumbprint: string
    readonly jwk: JWK
  }
  const { net, keys, cases } = vectors<{
    net: string
    keys: Key[]
    cases: { comment: string; kind: Kind; document: string; code: string | null }[]
  }>('documents')
  const keyOf = (thumbprint: string) => {
    const found = keys.find((one) => one.thumbprint === thumbprint)
    if (found === undefined) throw new Refusal('SIGNER_UNKNOWN')
    return { member: found.member, publicKey: createPublicKey({ key: found.jwk as never, format: 'jwk' }) }
  }
  const verify = (kind: Kind, document: string) => {
    if (kind === 'agreement')
      return verifyAgreement(document, 'hub', { member: keyOf, hub: (thumbprint) => keyOf(thumbprint).publicKey }, net)
    const signature = onlySignature(parseDocument(kind, document))
    return verifySignature(signature, keyOf(signature.thumbprint).publicKey)
  }
  for (const { comment, kind, document, code } of cases)
    t.equal(
      codeOf(() => verify(kind, document)),
      code,
      `${kind}: ${comment}`,
    )
  for (const { kind, document } of cases.filter(({ code }) => code === null)) {
    const jwks = await Promise.all(keys.map(({ jwk }) => importJWK(jwk, 'ES256')))
    const agrees =
      kind === 'agreement'
        ? generalVerify(JSON.parse(document), jwks[0] as CryptoKey)
        : compactVerify(document, jwks[1] as CryptoKey)
    t.ok(await agrees, `${kind}: jose agrees`)
  }
})

t.test('every kind is refused where another is wanted', async (t) => {
  const { cases } = vectors<{ cases: { kind: Kind; document: string; code: string | null }[] }>('documents')
  for (const { kind, document } of cases.filter(({ code }) => code === null)) {
    for (const wanted of Object.keys(KINDS) as Kind[]) {
      if (wanted === kind) continue
      const code = codeOf(() => parseDocument(wanted, document))
      t.ok(
        code === 'DOCUMENT_KIND' || code === 'DOCUMENT_INVALID' || code === 'JSON_INVALID' || code === 'JSON_DEPTH',
        `${kind} as ${wanted}: ${code}`,
      )
    }
  }
})

t.test('every state meets every message', async (t) => {
  const allowed = STATES.flatMap((state) =>
    Object.entries(TRANSITIONS[state]).map(([message, next]) => `${state} × ${message} → ${next}`),
  )
  t.equal(STATES.length * MESSAGES.length, 104, 'states × messages')
  let refused = 0
  for (const state of STATES) {
    for (const message of MESSAGES) {
      const next = TRANSITIONS[state][message]
      if (next === undefined) refused++
      t.equal(
        codeOf(() => t.equal(nextState(state, message), next)),
        next === undefined ? 'TRANSITION_REFUSED' : null,
        `${state} × ${message}`,
      )
    }
  }
  t.equal(refused, 104 - allowed.length)
  t.same(TRANSITIONS.TERMINATED, {}, 'nothing leaves TERMINATED')
  for (const state of STATES.filter((one) => one !== 'TERMINATED'))
    t.equal(TRANSITIONS[state].terminate, 'TERMINATED', `${state} can be ended`)
})

t.test('status list: round trip, last place, bomb, revoked is final', async (t) => {
  const bits = decodeStatusList(
    encodeStatusList(
      [
        [0, 'revoked'],
        [5, 'suspended'],
        [65_535, 'revoked'],
      ],
      65_536,
    ),
  )
  t.same(
    [0, 1, 5, 65_535, 65_536].map((place) => statusAt(bits, place)),
    ['revoked', 'good', 'suspended', 'revoked', 'revoked'],
  )
  t.same(findUnrevoked(bits, decodeStatusList(encodeStatusList([[0, 'revoked']], 65_536))), [65_535])
  t.same(findUnrevoked(bits, bits), [])
  t.equal(
    codeOf(() => decodeStatusList(encodeStatusList([], 33_554_432))),
    'DOCUMENT_INVALID',
    'a bomb is cut',
  )
})

t.test('status list of regions: each place where its region says, all others not good', async (t) => {
  const far = 1_800_000_000 * 65_536
  const regions = [
    { from: 0, places: 8 },
    { from: far, places: 8 },
  ]
  const lst = encodeStatusList(
    [
      [7, 'suspended'],
      [far, 'revoked'],
      [far + 7, 'revoked'],
    ],
    regions,
  )
  const bits = decodeStatusList(lst, regions)
  t.same(
    [6, 7, 8, far - 1, far, far + 1, far + 7, far + 8].map((place) => statusAt(bits, place)),
    ['good', 'suspended', 'revoked', 'revoked', 'revoked', 'good', 'revoked', 'revoked'],
  )
  const later = [...regions, { from: far * 2, places: 8 }]
  t.same(findUnrevoked(bits, decodeStatusList(encodeStatusList([[far + 7, 'revoked']], later), later)), [far])
  for (const bad of [
    [{ from: 0, places: 8 }],
    [...regions].reverse(),
    [
      { from: 0, places: 8 },
      { from: 4, places: 8 },
    ],
    [
      { from: 0, places: 6 },
      { from: far, places: 10 },
    ],
  ])
    t.equal(
      codeOf(() => decodeStatusList(lst, bad)),
      'DOCUMENT_INVALID',
      JSON.stringify(bad),
    )
})

t.test('clock: never behind the floor, refuses what is dated ahead', async (t) => {
  let read = 1_000_000_000_000
  const kept: number[] = []
  const clock = createClock(
    () => read,
    0,
    (seconds) => kept.push(seconds),
  )
  clock.raiseFloor(1_000_000_100)
  t.equal(clock.now(), 1_000_000_100)
  read -= 3_600_000
  t.equal(clock.now(), 1_000_000_100, 'set back by an hour, time stands')
  t.equal(
    codeOf(() => clock.raiseFloor(read / 1000 + LIMITS.clockSkewSeconds + 1)),
    'CLOCK_SKEW',
  )
  t.same(kept, [1_000_000_100])
  for (const [offset, code] of [
    [-121, 'STALE_REQUEST'],
    [-120, null],
    [120, null],
    [121, 'STALE_REQUEST'],
  ] as const) {
    t.equal(
      codeOf(() => requireFresh(clock.now() + offset, clock)),
      code,
      `${offset} s`,
    )
  }
  t.equal(endOfBeijingDay('2026-11-24'), '2026-11-24T16:00:00Z')
  t.equal(
    codeOf(() => endOfBeijingDay('2026-02-30')),
    'PERIOD_OVER',
  )
  t.equal(fromRfc3339(toRfc3339(1_790_000_000)), 1_790_000_000)
  t.ok(Number.isNaN(fromRfc3339('tomorrow')))
  for (const none of ['2026-99-99T99:99:99Z', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '0000-00-00T00:00:00Z'])
    t.ok(Number.isNaN(fromRfc3339(none)), none)
  t.equal(toBeijing(fromRfc3339('2026-99-99T99:99:99Z')), '—', 'no page fails over what is no date')
})

t.test('limits tighten and never loosen', async (t) => {
  t.equal(tightenLimits({ grantSeconds: 60 }).grantSeconds, 60)
  t.equal(tightenLimits({ grantSeconds: LIMITS.grantSeconds + 1 }).grantSeconds, LIMITS.grantSeconds)
  t.equal(tightenLimits({ grantSeconds: -1 }).grantSeconds, LIMITS.grantSeconds)
})

t.test('refusals: two languages, a remedy, and the same refusal after a journey', async (t) => {
  for (const [code, { status, title, remedy }] of Object.entries(REFUSALS)) {
    t.ok(/^[A-Z][A-Z0-9_]+$/.test(code) && status >= 400 && status < 600, code)
    for (const text of [title, remedy])
      t.ok(/[\u4e00-\u9fff]/.test(text.zh) && text.en.length > 3, `${code} speaks both languages`)
  }
  const sent = new Refusal('PULLS_SPENT', { rule: '6.3.8', pulls: 3 })
  const back = refusalFromProblem(JSON.parse(JSON.stringify(sent.problem('r1'))))
  t.equal(back.code, 'PULLS_SPENT')
  t.equal(back.facts['pulls'], 3)
  t.equal(refusalFromProblem({ code: 'constructor' }).code, 'PEER_MISBEHAVED')
})
