import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { request } from 'undici'
import { issueIssuingCa, issueRoot, issuerOf } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { toPem } from '#pki/pem.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { A, ask, B, certificateOf, enrolMember, type HubKit, openHub, type Pair, renewMember } from './hub-kit.ts'

const REGISTRAR = '登记员'
const ADMINISTRATOR = '系统管理员'

/** The hub's decisions as they are kept, oldest first. */
function decisionsOf(hub: HubKit) {
  const db = new Database(join(hub.dataDir, 'hub.db'), { readonly: true })
  try {
    const rows = db.prepare("SELECT text FROM trust_documents WHERE kind = 'decision' ORDER BY rowid").all()
    return (rows as { text: string }[]).map(({ text }) => parseDocument('decision', text).payload)
  } finally {
    db.close()
  }
}

const waitingOf = async (hub: HubKit, pair: Pair): Promise<{ id: string; summary: { en: string } } | undefined> =>
  (await hub.call('queue')).find(({ summary }: { summary: { en: string } }) =>
    summary.en.includes(sha256(certificateOf(pair, 'signing'))),
  )

const crlAt = async (hub: HubKit, path: string) =>
  parseCrl(Buffer.from(await (await request(`${hub.listeners().public}${path}`)).body.arrayBuffer()))

t.test('nobody decides without a name, a role and, where it hurts, a reason', async (t) => {
  const hub = await openHub(t)
  await hub.call('operator-add', { name: '审批员', role: 'approver' })
  await hub.call('operator-add', { name: '审计员', role: 'auditor' })
  const a = await enrolMember(hub, A)
  const { id } = (await waitingOf(hub, a)) as { id: string }
  const certificate = sha256(certificateOf(a, 'tls'))
  const attempts: readonly [name: string, args: object, reasoned: boolean][] = [
    ['approve', { id }, false],
    ['refuse', { id, reason: 'x' }, true],
    ['suspend', { id: A, reason: 'x' }, true],
    ['revoke', { id: A, reason: 'x' }, true],
    ['revoke', { id: certificate, reason: 'x' }, true],
    ['code', { class: 'association', member: B, name: '测试单位' }, false],
  ]
  for (const [name, args, reasoned] of attempts) {
    const refused = (more: object, code: string) => t.rejects(hub.call(name, { ...args, ...more }), { code }, name)
    await refused({}, 'OPERATOR_REQUIRED')
    await refused({ as: ' ' }, 'BODY_INVALID')
    await refused({ as: '无此人' }, 'OPERATOR_UNKNOWN')
    for (const as of ['审批员', '审计员', ADMINISTRATOR]) await refused({ as }, 'ROLE_REQUIRED')
    if (reasoned) await refused({ as: REGISTRAR, reason: ' ' }, 'REASON_REQUIRED')
  }
  for (const [name, args] of [
    ['phase', { phase: 'rollout' }],
    ['ca-add', { file: 'x' }],
    ['ca-remove', { file: 'x' }],
  ] as const) {
    await t.rejects(hub.call(name, args), { code: 'OPERATOR_REQUIRED' }, name)
    await t.rejects(hub.call(name, { ...args, as: REGISTRAR }), { code: 'ROLE_REQUIRED' }, name)
  }
  for (const name of ['approve', 'suspend', 'resume', 'terminate', 'revoke'])
    await t.rejects(hub.call(name, { id: 'f'.repeat(64), as: REGISTRAR, reason: 'x' }), { code: 'NOT_FOUND' }, name)
  await t.rejects(hub.call('terminate', { id: A, as: '审批员', reason: 'x' }), { code: 'NOT_FOUND' }, 'no agreement')
  await t.rejects(hub.call('approve', { id, as: REGISTRAR, surprise: 1 }), { code: 'BODY_INVALID' })
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: a })).status, 200, 'nothing of it had an effect')
  t.same(decisionsOf(hub), [], 'and nothing was signed')
})

t.test('who holds what', async (t) => {
  const hub = await openHub(t)
  const add = (name: string, role: string, more: object = {}) => hub.call('operator-add', { name, role, ...more })
  await add('审计员', 'auditor')
  for (const role of ['registrar', 'approver', 'administrator'])
    await t.rejects(add('审计员', role), { code: 'ROLE_CONFLICT' }, `auditor and ${role}`)
  await t.rejects(add(ADMINISTRATOR, 'approver'), { code: 'ROLE_CONFLICT' })
  await t.rejects(add('新人', 'registrar', { as: REGISTRAR }), { code: 'ROLE_REQUIRED' })
  await t.rejects(add('新人', 'registrar', { member: '51100000PDY0000284' }), { code: 'USCC_INVALID' })
  await t.rejects(add('新人', 'king'), { code: 'BODY_INVALID' })
  t.same(await add(ADMINISTRATOR, 'registrar', { as: ADMINISTRATOR }), {
    operator: ADMINISTRATOR,
    roles: ['administrator', 'registrar'],
  })
})

t.test('every decision is kept, signed, with the person in it', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const b = await enrolMember(hub, B)
  const [first, second] = [await waitingOf(hub, a), await waitingOf(hub, b)] as { id: string }[]
  t.same(await hub.call('approve', { id: first?.id.slice(0, 20), as: REGISTRAR }), { id: first?.id, state: 'approved' })
  t.equal(await waitingOf(hub, a), undefined, 'decided: out of the queue')
  await t.rejects(hub.call('refuse', { id: first?.id, as: REGISTRAR, reason: 'x' }), { code: 'ALREADY_DECIDED' })
  await hub.call('suspend', { id: A, as: REGISTRAR, reason: '核查' })
  await hub.call('resume', { id: A, as: REGISTRAR, reason: '已核查' })
  const thumbprint = sha256(certificateOf(a, 'signing'))
  await hub.call('revoke', { id: thumbprint, as: REGISTRAR, reason: '更换' })
  await t.rejects(hub.call('revoke', { id: thumbprint, as: REGISTRAR, reason: '更换' }), { code: 'ALREADY_DECIDED' })
  await hub.call('revoke', { id: B, as: REGISTRAR, reason: '退会' })
  t.equal(await waitingOf(hub, b), undefined, 'nothing is left to acknowledge of a revoked member')
  const said = decisionsOf(hub)
  t.same(
    said.map(({ subject, outcome }) => [subject.kind, subject.id, outcome]),
    [
      ['admission', first?.id, 'approved'],
      ['member', A, 'suspended'],
      ['member', A, 'resumed'],
      ['certificate', thumbprint, 'revoked'],
      ['member', B, 'revoked'],
      ['admission', second?.id, 'refused'],
    ],
  )
  for (const { by } of said) t.match(by, [{ operator: REGISTRAR, via: { kind: 'control' } }])
  t.same(
    said.map(({ by }) => by[0]?.reason),
    ['', '核查', '已核查', '更换', '退会', '退会'],
  )
})

t.test('a revocation may reach back, never ahead', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const now = Math.floor(hub.readClock() / 1000)
  const revoke = (since: string) =>
    hub.call('revoke', { id: sha256(certificateOf(a, 'tls')), as: REGISTRAR, reason: '失窃', since })
  await t.rejects(revoke(toRfc3339(now + 3_600)), { code: 'CLOCK_SKEW' })
  await t.rejects(revoke('yesterday'), { code: 'BODY_INVALID' })
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: a })).status, 200)
  await revoke(toRfc3339(now - 3_600))
  const { serial } = parseCertificate(certificateOf(a, 'signing'))
  t.equal((await crlAt(hub, '/crl')).revoked.get(serial)?.reason, 'keyCompromise', 'free text with --since')
  t.equal(decisionsOf(hub).at(-1)?.since, toRfc3339(now - 3_600), 'the decision says since when')
})

t.test('what it shows', async (t) => {
  const hub = await openHub(t)
  await enrolMember(hub, A)
  t.match(await hub.call('status'), {
    fingerprint: hub.fingerprint,
    net: hub.fingerprint,
    phase: 'construction',
    waiting: 1,
    alarms: 0,
    members: { good: 1 },
    root: { version: 1, key: 'here', waiting: false },
  })
  t.match(await hub.call('limits'), { statusTtlSeconds: LIMITS.statusTtlSeconds })
  t.same(
    (await hub.call('members')).map(({ id, state }: { id: string; state: string }) => [id, state]),
    [[A, 'good']],
  )
  t.match((await hub.call('queue'))[0], {
    kind: 'admission',
    role: 'registrar',
    since: String,
    summary: { zh: String },
  })
  t.match(await hub.call('console'), { url: /^http:\/\/127\.0\.0\.1:/ })
  await t.rejects(hub.call('root-sign'), { code: 'NOT_FOUND' }, 'nothing waits')
})

t.test('the word of an association, and of nobody else', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const now = () => Math.floor(hub.readClock() / 1000)
  const say = (payload: object, kind: 'sponsorship' | 'sponsorship-revocation' = 'sponsorship', jti = newJti()) =>
    ask(hub, 'POST', '/v1/sponsorships', {
      pair: a,
      body: {
        document: signDocument(
          kind,
          { net: hub.fingerprint, jti, iat: now(), sponsor: A, affiliate: B, ...payload } as never,
          { key: a.signing.privateKey, thumbprint: sha256(certificateOf(a, 'signing')) },
        ),
      },
    })
  t.equal((await say({ sponsor: B, affiliate: A, until: null })).json.code, 'MEMBER_MISMATCH')
  t.equal((await say({ until: toRfc3339(now() - 60) })).json.code, 'PERIOD_OVER')
  t.equal((await say({ sponsorship: 'f'.repeat(64), reason: 'x' }, 'sponsorship-revocation')).json.code, 'NOT_FOUND')
  const jti = newJti()
  const first = await say({ until: null }, 'sponsorship', jti)
  t.match(first, { status: 201, json: { state: 'standing' } })
  t.equal((await say({ until: toRfc3339(now() + 60) }, 'sponsorship', jti)).json.code, 'REPLAYED')
  const affiliate = await enrolMember(hub, B, 'affiliate')
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: affiliate })).status, 200, 'it may come before the affiliate')
  t.equal((await say({ until: toRfc3339(now() + 60) })).status, 201)
  t.equal(
    (await say({ sponsorship: first.json.sponsorship, reason: 'x' }, 'sponsorship-revocation')).status,
    201,
    'one that was replaced can still be taken back',
  )
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: affiliate })).status, 200, 'the newer one stands')
  await hub.call('revoke', { id: A, as: REGISTRAR, reason: '退会' })
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: affiliate })).json.code, 'MEMBER_SUSPENDED')
})

t.test('a CA is listed by a chain that holds', async (t) => {
  const hub = await openHub(t)
  const now = new Date(hub.readClock())
  const [rootKeys, rogueKeys, caKeys] = [generateKeyPair(), generateKeyPair(), generateKeyPair()]
  const root = await issueRoot({ now, name: '外部认证机构', keys: rootKeys })
  const issuing = await issueIssuingCa({
    now,
    name: '外部认证机构',
    issuer: issuerOf(root, rootKeys.privateKey),
    publicKey: spkiOf(caKeys.publicKey),
  })
  const rogue = await issueRoot({ now, name: '别的机构', keys: rogueKeys })
  const pem = (...chain: { der: Buffer }[]) => chain.map(({ der }) => toPem('CERTIFICATE', der)).join('')
  const add = (file: string) => hub.call('ca-add', { file, as: ADMINISTRATOR })
  await t.rejects(add(pem(issuing)), { code: 'CERTIFICATE_PROFILE' }, 'without its root')
  await t.rejects(add(pem(issuing, rogue)), { code: 'CERTIFICATE_PROFILE' }, 'under another root')
  await t.rejects(add(pem(issuing, issuing, root)), { code: 'CERTIFICATE_PROFILE' }, 'twice')
  const { chains } = await enrolMember(hub, A)
  const leaf = { der: Buffer.from(fromBase64url(chains.tls[0] as string)) }
  await t.rejects(add(pem(leaf, root)), {
    code: 'CERTIFICATE_PROFILE',
    facts: { field: '/file', rule: 'no-authority', detail: { zh: /^第 1 张（.*）：不是签发机构的证书/ } },
  })
  await t.rejects(add('no certificate'), {
    code: 'CERTIFICATE_INVALID',
    facts: { field: '/file', detail: { zh: /应为 PEM/ } },
  })
  const forged = Buffer.from(issuing.der)
  forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
  await t.rejects(add(pem({ der: forged }, root)), { code: 'CERTIFICATE_UNTRUSTED' }, 'a signature that is none')
  t.equal((await hub.root()).version, 1, 'no root was signed for any of these')
  t.match(await add(pem(issuing, root)), { ca: '外部认证机构', state: 'installed', version: 2 })
  await t.rejects(add(pem(issuing, root)), { code: 'ALREADY_DECIDED' })
  t.match(await hub.call('ca-remove', { file: pem(root), as: ADMINISTRATOR }), { state: 'installed', version: 3 })
  await t.rejects(hub.call('ca-remove', { file: pem(root), as: ADMINISTRATOR }), { code: 'CA_UNKNOWN' })
})

t.test('an issuing CA in other hands goes at once', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const before = await hub.root()
  const own = (await hub.call('root-show')).cas[0].pem as string
  await t.rejects(hub.call('ca-remove', { file: own, as: ADMINISTRATOR }), { code: 'ROOT_INVALID' }, 'the one in use')
  await hub.call('root-rotate', { key: 'issuing' })
  await t.rejects(
    hub.call('ca-remove', { file: own, as: ADMINISTRATOR }),
    { code: 'ROOT_INVALID', facts: { keys: ['directory', 'grant', 'log'] } },
    'our own keys still stand on it',
  )
  await hub.call('root-rotate', { key: 'issuing', compromised: true, as: ADMINISTRATOR })
  const after = await hub.root()
  t.equal(after.cas.length, 1)
  t.notOk(
    after.keys.some(({ certificate }) => before.keys.some((old) => old.certificate === certificate)),
    'no key that the old CA vouched for stays',
  )
  const serials = before.cas.map(({ certificates: [first] }) => parseCertificate(fromBase64url(first as string)).serial)
  const list = await crlAt(hub, '/crl/root')
  for (const serial of serials) t.ok(list.revoked.has(serial), "the root's list names it")
  t.equal(list.revoked.size, 2, 'and the one between')
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: a })).json.code, 'CERTIFICATE_UNTRUSTED')
  const next = await renewMember(hub, a, A, 'enrolment')
  t.equal(next.status, 201, 'the hub knows the keys of its members by itself')
  t.equal((await ask(hub, 'GET', '/v1/directory', { pair: next.pair })).status, 200)
})

t.test('with the root key offline an issuing CA goes in three steps', async (t) => {
  const hub = await openHub(t)
  await hub.call('root-remove', { fingerprint: (await hub.call('root-show')).fingerprint })
  await t.rejects(hub.call('root-rotate', { key: 'issuing', compromised: true }), {
    code: 'BODY_INVALID',
    facts: { field: '/compromised' },
  })
  t.equal((await hub.call('status')).root.waiting, false, 'nothing is proposed by halves')
  t.equal((await hub.call('phase', { phase: 'rollout', as: ADMINISTRATOR })).phase, 'rollout', 'the rest needs no root')
})

t.test('docs name every setting', (t) => {
  const text = readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8')
  for (const server of ['hub', 'node']) {
    const read = (folder: string) => readFileSync(new URL(`../../${folder}/config.ts`, import.meta.url), 'utf8')
    const source = read(server) + read('web/serving')
    const keys = [...source.matchAll(/key: '([a-z_]+)'/g)].map(([, key]) => key as string)
    t.ok(keys.length > 10, server)
    for (const key of keys) t.ok(text.includes(`\`${key}\``), `${server}: ${key}`)
  }
  t.end()
})
