import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { request } from 'undici'
import { issueIssuingCa, issueRoot, issuerOf, issueSigningCertificate, issueTlsCertificate } from '#pki/certificates.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { toPem } from '#pki/pem.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { decodeStatusList, statusAt } from '#schemas/status-list.ts'
import { createServer } from '#web/serving/create-server.ts'
import { limitMembers } from '../../hub/routes/member-budget.ts'
import {
  A,
  ask,
  B,
  certificateOf,
  enrolMember,
  type HubKit,
  makeRequest,
  openHub,
  type Pair,
  renewMember,
  secretOf,
  silent,
} from './hub-kit.ts'

const DAY = 86_400

async function directoryOf(hub: HubKit) {
  const text = await (await request(`${hub.listeners().public}/v1/directory`)).body.text()
  const { payload } = parseDocument('directory', text)
  const parts = await Promise.all(
    payload.parts.map(async (hash) =>
      (await request(`${hub.listeners().public}/v1/directory/parts/${hash}`)).body.text(),
    ),
  )
  for (const [index, hash] of payload.parts.entries())
    if (sha256(parts[index] as string) !== hash) throw new Error('a part has another hash')
  return { payload, members: parts.flatMap((part) => JSON.parse(part).members) }
}

async function statusOf(hub: HubKit, pair: Pair): Promise<string[]> {
  const { members } = await directoryOf(hub)
  const places = [certificateOf(pair, 'tls'), certificateOf(pair, 'signing')].map(
    (der) =>
      members
        .flatMap((m: { certificates: { thumbprint: string; status: number }[] }) => m.certificates)
        .find((one: { thumbprint: string }) => one.thumbprint === sha256(der))?.status as number,
  )
  const text = await (await request(`${hub.listeners().public}/v1/status`)).body.text()
  const bits = decodeStatusList(parseDocument('status', text).payload.status_list.lst)
  return places.map((place) => statusAt(bits, place))
}

const asMember = (hub: HubKit, pair: Pair) => ask(hub, 'GET', '/v1/directory', { pair })

t.test('a code admits one member, once', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  t.equal(a.answer.member, A)
  const { payload: admission } = parseDocument('admission', a.answer.admission)
  t.equal(admission.operator, '登记员')
  t.equal(admission.request, parseDocument('certificate-request', a.request).id)
  t.equal((await asMember(hub, a)).status, 200, 'the certificates work at once')

  const again = await ask(hub, 'POST', '/v1/enrolments', { body: { secret: secretOf(a.code), request: a.request } })
  t.same(again.json, a.answer, 'a retry hears the same')
  const other = await makeRequest(hub, { member: A })
  const second = await ask(hub, 'POST', '/v1/enrolments', { body: { secret: secretOf(a.code), request: other.text } })
  t.equal(second.json.code, 'CODE_USED')
  t.same(
    (await hub.call('alarms')).map((one: { kind: string; subject: string }) => [one.kind, one.subject]),
    [['CODE_USED', A]],
  )
  const trail = (await hub.call('audit', { group: 'alarms' })).items
  t.equal(trail.length, 1)
  t.notMatch(trail[0].summary.zh, 'CODE_USED', 'told in words')
  t.match(trail[0].summary.zh, /^告警：/)

  const [waiting, ...rest] = await hub.call('queue')
  t.same(rest, [])
  t.match(waiting, { kind: 'admission', role: 'registrar', summary: { en: sha256(certificateOf(a, 'signing')) } })
  t.match(await hub.call('approve', { id: waiting.id.slice(0, 10), as: '登记员' }), {
    id: waiting.id,
    state: 'approved',
  })
  t.same(await hub.call('queue'), [])
  await t.rejects(hub.call('approve', { id: waiting.id, as: '登记员' }), { code: 'ALREADY_DECIDED' })
  await t.rejects(hub.code(A), { code: 'MEMBER_EXISTS' })
})

t.test('what an enrolment must prove', async (t) => {
  const hub = await openHub(t)
  const code = await hub.code(A)
  const post = async (text: string, secret = secretOf(code)) =>
    (await ask(hub, 'POST', '/v1/enrolments', { body: { secret, request: text } })).json.code
  const good = await makeRequest(hub, { member: A })
  t.equal(await post(good.text, newJti()), 'CODE_UNKNOWN')
  t.equal(await post((await makeRequest(hub, { member: B })).text), 'MEMBER_MISMATCH')
  t.equal(
    await post((await makeRequest(hub, { member: A, iat: Math.floor(hub.readClock() / 1000) - 121 })).text),
    'STALE_REQUEST',
  )
  t.equal(await post((await makeRequest(hub, { member: A, oneKey: true })).text), 'CSR_INVALID')
  t.equal(
    await post((await makeRequest(hub, { member: A, endpoint: 'https://169.254.169.254:443' })).text),
    'ENDPOINT_REFUSED',
  )
  t.equal(await post('no document'), 'DOCUMENT_INVALID')
  const { payload } = parseDocument('certificate-request', good.text)
  const other = await makeRequest(hub, { member: A })
  const stolen = signDocument('certificate-request', payload, {
    key: other.signing.privateKey,
    thumbprint: parseDocument('certificate-request', good.text).signatures[0]?.thumbprint as string,
  })
  t.equal(await post(stolen), 'SIGNATURE_INVALID')
  hub.move(3 * DAY + 1)
  t.equal(await post((await makeRequest(hub, { member: A })).text), 'CODE_EXPIRED')
  t.equal(await post(good.text, newJti()), 'CODE_UNKNOWN')
  t.equal(await post(good.text, newJti()), 'CODE_UNKNOWN')
  t.match(
    await ask(hub, 'POST', '/v1/enrolments', { body: { secret: secretOf(code), request: good.text } }),
    { status: 429, json: { code: 'RATE_LIMITED' }, headers: { 'retry-after': '60' } },
    'the eleventh failure within a minute',
  )
})

t.test('a member that floods is held back, and no other', async (t) => {
  const hub = await openHub(t)
  const [a, b] = [await enrolMember(hub, A), await enrolMember(hub, B)]
  const post = (pair: Pair) =>
    ask(hub, 'POST', '/v1/catalog-entries', { pair, body: { entry: 'x'.repeat(1.4 * 1_048_576) } })
  for (let round = 0; round < 5; round++) t.match((await post(a)).json, { code: 'JSON_INVALID' })
  const held = await Promise.all([post(a), post(a)])
  const refused = held.find(({ status }) => status === 429)
  t.match(refused?.json, { code: 'RATE_LIMITED' })
  t.match(refused?.headers['retry-after'], /^[1-9]\d?$/)
  t.match((await post(b)).json, { code: 'JSON_INVALID' })
  t.equal((await asMember(hub, a)).status, 200, 'what has no body is answered all the same')
})

t.test('what a member may ask fills up again', async (t) => {
  let now = 0
  const app = createServer({ log: silent })
  t.teardown(() => app.close())
  app.addHook('onRequest', async (request) => {
    request.caller = { member: { id: request.headers['member'] } } as never
  })
  app.addHook(
    'onRequest',
    limitMembers(() => now),
  )
  app.post('/', () => 'taken')
  const send = async (member: string, headers = {}) =>
    (await app.inject({ method: 'POST', url: '/', headers: { member, ...headers }, payload: 'x' })).statusCode
  const { memberRequestsBurst: burst, memberRequestsPerSecond: rate } = LIMITS
  for (let asked = 0; asked < burst; asked++) await send(A)
  t.equal(await send(A), 429)
  t.equal(await send(B), 200)
  now += 1_000
  for (let asked = 0; asked < rate; asked++) await send(A)
  t.equal(await send(A), 429)
  now += 3_600_000
  const unannounced = { 'transfer-encoding': 'chunked' }
  const bodies = LIMITS.memberBodyBurstBytes / LIMITS.controlBodyBytes
  for (let asked = 0; asked < bodies; asked++) await send(A, unannounced)
  t.equal(await send(A, unannounced), 429, 'a body of unknown length counts as the longest')
})

t.test('two at once with one code: one member', async (t) => {
  const hub = await openHub(t)
  const secret = secretOf(await hub.code(A))
  const [one, two] = await Promise.all([makeRequest(hub, { member: A }), makeRequest(hub, { member: A })])
  const answers = await Promise.all(
    [one, two, one].map(({ text }) => ask(hub, 'POST', '/v1/enrolments', { body: { secret, request: text } })),
  )
  const codes = answers.map(({ json }) => json.code ?? 'enrolled').sort()
  t.ok(codes.includes('CODE_USED') && codes.includes('enrolled'), codes.join())
  t.equal((await directoryOf(hub)).members[0].certificates.length, 2)
})

t.test('renewal', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const b = await enrolMember(hub, B)
  const next = await renewMember(hub, a, A, 'member')
  t.equal(next.status, 201)
  t.equal(next.json.admission, undefined)
  t.equal((await asMember(hub, next.pair)).status, 200)
  t.equal((await asMember(hub, a)).status, 200, 'the old pair stays until its own end')
  t.same((await ask(hub, 'POST', '/v1/certificates', { pair: a, body: { request: next.request } })).json, next.json)
  t.equal(
    (
      await ask(hub, 'POST', '/v1/certificates', {
        pair: b,
        body: { request: (await makeRequest(hub, { member: A, previous: next.pair })).text },
      })
    ).json.code,
    'MEMBER_MISMATCH',
  )

  const twice = await renewMember(hub, a, A, 'member')
  t.equal(twice.json.code, 'ALREADY_RENEWED')
  t.ok((await hub.call('alarms')).some((one: { kind: string }) => one.kind === 'ALREADY_RENEWED'))

  const step = await ask(hub, 'GET', `/v1/certificates/${parseDocument('certificate-request', next.request).id}`, {
    pair: b,
  })
  t.equal(step.json.request, next.request)
  t.equal(step.json.previous, a.chains.signing[0])
  const byThumbprint = await ask(hub, 'GET', `/v1/certificates/${sha256(certificateOf(a, 'signing'))}`, { pair: b })
  t.same(byThumbprint.json, { request: a.request, previous: null })

  hub.move(40 * DAY)
  t.equal((await renewMember(hub, next.pair, A, 'enrolment')).status, 201, 'a node that slept comes back by itself')
  hub.move(100 * DAY)
  t.equal((await renewMember(hub, b, B, 'enrolment')).json.code, 'RENEWAL_TOO_LATE')
  t.ok(await hub.code(B), 'then a new code')
})

t.test('suspension and revocation', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const b = await enrolMember(hub, B)
  t.same(await statusOf(hub, a), ['good', 'good'])
  await t.rejects(hub.call('suspend', { id: A, as: '登记员' }), { code: 'REASON_REQUIRED' })
  await t.rejects(hub.call('suspend', { id: A, as: '系统管理员', reason: 'x' }), { code: 'ROLE_REQUIRED' })
  await t.rejects(hub.call('suspend', { id: A, reason: 'x' }), { code: 'OPERATOR_REQUIRED' })
  await t.rejects(hub.call('suspend', { id: '5110', as: '登记员', reason: 'x' }), { code: 'AMBIGUOUS_ID' })
  t.same(await hub.call('suspend', { id: A, as: '登记员', reason: '核查' }), { id: A, state: 'suspended' })
  t.same(await statusOf(hub, a), ['suspended', 'suspended'])
  t.equal((await asMember(hub, a)).json.code, 'MEMBER_SUSPENDED')
  t.equal((await renewMember(hub, a, A, 'enrolment')).json.code, 'MEMBER_SUSPENDED')
  t.same(await hub.call('resume', { id: A, as: '登记员', reason: '核查完毕' }), { id: A, state: 'good' })
  t.equal((await asMember(hub, a)).status, 200)

  const newer = await renewMember(hub, a, A, 'member')
  const { revoked } = await hub.call('revoke', {
    id: sha256(certificateOf(a, 'tls')).slice(0, 12),
    as: '登记员',
    reason: 'keyCompromise',
  })
  t.same(
    new Set(revoked),
    new Set([certificateOf(a, 'tls'), certificateOf(a, 'signing')].map((der) => sha256(der))),
    'both of a pair',
  )
  t.same(await statusOf(hub, a), ['revoked', 'revoked'])
  t.equal((await asMember(hub, a)).json.code, 'CERTIFICATE_REVOKED')
  t.equal((await asMember(hub, newer.pair)).status, 200)
  const crl = parseCrl(Buffer.from(await (await request(`${hub.listeners().public}/crl`)).body.arrayBuffer()))
  t.equal(crl.revoked.get(parseCertificate(certificateOf(a, 'tls')).serial)?.reason, 'keyCompromise')

  await hub.call('revoke', { id: A, as: '登记员', reason: '退会' })
  t.same(await statusOf(hub, newer.pair), ['revoked', 'revoked'])
  t.equal((await renewMember(hub, newer.pair, A, 'enrolment')).json.code, 'CERTIFICATE_REVOKED')
  await t.rejects(hub.call('resume', { id: A, as: '登记员', reason: 'x' }), { code: 'TRANSITION_REFUSED' })
  const back = await enrolMember(hub, A)
  t.equal((await asMember(hub, back)).status, 200, 'a new code brings a member back with new keys')
  t.same(await statusOf(hub, newer.pair), ['revoked', 'revoked'], 'revoked is final')

  const waiting = (await hub.call('queue')).find((one: { summary: { en: string } }) =>
    one.summary.en.includes(sha256(certificateOf(b, 'signing'))),
  )
  await hub.call('refuse', { id: waiting.id, as: '登记员', reason: '指纹不符' })
  t.equal((await asMember(hub, b)).json.code, 'CERTIFICATE_REVOKED', 'a refused admission revokes')
})

t.test('an affiliate stands on the word of an association', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const affiliate = await enrolMember(hub, B, 'affiliate')
  const now = () => Math.floor(hub.readClock() / 1000)
  t.equal((await asMember(hub, affiliate)).json.code, 'MEMBER_SUSPENDED')
  const say = (payload: object, kind: 'sponsorship' | 'sponsorship-revocation', by: Pair = a) =>
    ask(hub, 'POST', '/v1/sponsorships', {
      pair: by,
      body: {
        document: signDocument(
          kind,
          { net: hub.fingerprint, jti: newJti(), iat: now(), sponsor: A, affiliate: B, ...payload } as never,
          { key: by.signing.privateKey, thumbprint: sha256(certificateOf(by, 'signing')) },
        ),
      },
    })
  const given = await say({ until: null }, 'sponsorship')
  t.equal(given.status, 201)
  t.equal((await asMember(hub, affiliate)).status, 200)
  t.equal(
    (await say({ sponsor: B, affiliate: A, until: null }, 'sponsorship', affiliate)).json.code,
    'SPONSOR_INELIGIBLE',
  )
  t.equal((await say({ affiliate: A, until: null }, 'sponsorship')).json.code, 'SPONSOR_INELIGIBLE')
  t.equal(
    (await say({ sponsorship: given.json.sponsorship, reason: '合作结束' }, 'sponsorship-revocation')).json.state,
    'ended',
  )
  t.equal((await asMember(hub, affiliate)).json.code, 'MEMBER_SUSPENDED', 'at once')
  t.same(await statusOf(hub, affiliate), ['suspended', 'suspended'])

  await say({ until: new Date((now() + 3_600) * 1000).toISOString().replace(/\.\d+Z/, 'Z') }, 'sponsorship')
  t.equal((await asMember(hub, affiliate)).status, 200)
  await hub.call('suspend', { id: A, as: '登记员', reason: 'x' })
  t.equal((await asMember(hub, affiliate)).json.code, 'MEMBER_SUSPENDED', "its sponsor's membership")
  await hub.call('resume', { id: A, as: '登记员', reason: 'x' })
  t.equal((await asMember(hub, affiliate)).status, 200)
  hub.move(3_601)
  await hub.restart()
  t.equal(
    (await asMember(hub, affiliate)).json.code,
    'MEMBER_SUSPENDED',
    'its date, also one that passed while the hub was off',
  )
})

t.test('external certificates count once an administrator lists their CA, until that CA revokes them', async (t) => {
  const ca = await makeExternalCa()
  const hub = await openHub(t, { fetchCrl: async () => ca.crl() })
  await t.rejects(hub.call('ca-add', { file: 'no certificate', as: '系统管理员' }), { code: 'CERTIFICATE_INVALID' })
  await t.rejects(hub.call('ca-add', { file: ca.pem, as: '登记员' }), { code: 'ROLE_REQUIRED' })
  await t.rejects(hub.call('ca-remove', { file: ca.pem, as: '系统管理员' }), { code: 'CA_UNKNOWN' })

  const external = await ca.issue(A)
  const wish = await makeRequest(hub, { member: A, external })
  const post = async () => ask(hub, 'POST', '/v1/enrolments', { body: { secret: secretOf(code), request: wish.text } })
  const code = await hub.code(A)
  t.equal((await post()).json.code, 'CERTIFICATE_UNTRUSTED')
  t.match(await hub.call('ca-add', { file: ca.pem, as: '系统管理员' }), {
    ca: '外部认证机构',
    state: 'installed',
    version: 2,
  })
  const answer = await post()
  t.equal(answer.status, 201)
  const pair: Pair = { ...external.keys, chains: answer.json.certificates }
  t.equal((await asMember(hub, pair)).status, 200)

  ca.revoke(external.tls)
  hub.move(3_700)
  await hub.restart()
  for (let round = 0; round < 200 && (await statusOf(hub, pair))[0] !== 'revoked'; round++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  t.same(await statusOf(hub, pair), ['revoked', 'revoked'])
  t.match(await hub.call('ca-remove', { file: ca.pem, as: '系统管理员' }), { ca: '外部认证机构', state: 'installed' })
})

/** A licensed CA of the outside world, with its own root, list and clock. */
async function makeExternalCa() {
  const now = new Date()
  const name = '外部认证机构'
  const [rootKeys, caKeys] = [generateKeyPair(), generateKeyPair()]
  const root = await issueRoot({ now, name, keys: rootKeys })
  const issuing = await issueIssuingCa({
    now,
    name,
    issuer: issuerOf(root, rootKeys.privateKey),
    publicKey: spkiOf(caKeys.publicKey),
  })
  const issuer = issuerOf(issuing, caKeys.privateKey)
  const revoked: { serial: string; date: Date; reason: 'affiliationChanged' }[] = []
  const crlUrl = 'http://ca.example.org/list.crl'
  return {
    pem: [issuing, root].map(({ der }) => toPem('CERTIFICATE', der)).join(''),
    crl: () => issueCrl({ issuer, revoked, number: 1n, now, nextUpdate: new Date(now.getTime() + 30 * DAY * 1000) }),
    revoke: (der: Buffer) =>
      void revoked.push({ serial: parseCertificate(der).serial, date: now, reason: 'affiliationChanged' }),
    async issue(member: string) {
      const keys = { tls: generateKeyPair(), signing: generateKeyPair() }
      const draft = { now, issuer, member, name: '某协会', crlUrl }
      const tls = await issueTlsCertificate({ ...draft, publicKey: spkiOf(keys.tls.publicKey), hosts: [] })
      const signing = await issueSigningCertificate({ ...draft, publicKey: spkiOf(keys.signing.publicKey) })
      return { keys, tls: tls.der, signing: signing.der }
    },
  }
}

t.test('openssl agrees with what the hub issues', async (t) => {
  const hub = await openHub(t)
  const a = await enrolMember(hub, A)
  const { cas } = await hub.root()
  const [embedded] = cas
  if (embedded === undefined) throw new Error('no CA is listed')
  const [issuing, root] = embedded.certificates.map((one) => toPem('CERTIFICATE', fromBase64url(one))) as [
    string,
    string,
  ]
  const dir = join(hub.dataDir, '..')
  const crl = async (of: Buffer) =>
    toPem(
      'X509 CRL',
      Buffer.from(await (await request(`${hub.listeners().public}/crl/${sha256(of).slice(0, 16)}`)).body.arrayBuffer()),
    )
  const spki = (index: number) => parseCertificate(fromBase64url(embedded.certificates[index] as string)).publicKey.der
  writeFileSync(join(dir, 'root.pem'), root)
  writeFileSync(join(dir, 'issuing.pem'), issuing)
  writeFileSync(join(dir, 'crl.pem'), (await crl(spki(0))) + (await crl(spki(1))))
  for (const use of ['tls', 'signing'] as const) {
    writeFileSync(join(dir, 'leaf.pem'), toPem('CERTIFICATE', certificateOf(a, use)))
    const args = [
      'verify',
      '-x509_strict',
      '-crl_check_all',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'issuing.pem',
      '-CRLfile',
      'crl.pem',
      'leaf.pem',
    ]
    t.match(execFileSync('openssl', args, { cwd: dir, encoding: 'utf8' }), /OK/)
  }
  t.match(
    execFileSync('openssl', ['x509', '-in', 'leaf.pem', '-noout', '-subject'], { cwd: dir, encoding: 'utf8' }),
    new RegExp(`NTRCN-${A}`),
  )
})
