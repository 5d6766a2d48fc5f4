/** Each row of "refused with its own code", provoked between real servers by somebody who holds real keys. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueIssuingCa, issueRoot, issuerOf, issueTlsCertificate } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Grant, PullOrder } from '#schemas/kinds.ts'
import { initNode } from '../../node/init.ts'
import { madeDocuments } from '../hub-exchange/made-documents.ts'
import { agree, metaOf, PURPOSE, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent } from '../kit/assert-consistent.ts'
import { authoritiesOf, openVoice, speakAs, stealHubKey, type Voice } from '../kit/speak-as.ts'
import { APPROVER, CODES, eventually, type Network, REGISTRAR, startNetwork, type Who } from '../kit/start-network.ts'

const TABLE = '月份,产量\n2026-01,10\n2026-02,12\n'
const DAY = 86_400
const MIB = 1024 * 1024

/** A network in which a consumer may pull a dataset of alice's, and what a hostile one needs. */
async function openScene(
  content: string | Uint8Array = TABLE,
  nodes: readonly Who[] = ['alice', 'ministry'],
  name = 'output.csv',
) {
  const network = await startNetwork({ nodes })
  const owner = network.node('alice')
  const consumer = network.node('ministry')
  const published = await publish(owner, name, content, metaOf('output'))
  const agreement = await agree(network, consumer, owner, published.dataset)
  const voice = speakAs(network, 'ministry')
  const at = (path: string) => `${owner.listeners()['exchange']}${path}`
  const hubAt = (path: string) => `${network.hub.listeners()['member']}${path}`
  const manifests = at(`/v1/manifests?dataset=${published.dataset}`)
  return { network, owner, consumer, published, agreement, voice, at, hubAt, manifests }
}

const nowSeconds = () => Math.floor(Date.now() / 1000)

/** A grant as the hub mints it for whoever asks with these keys. */
async function fetchGrant(voice: Voice, url: string, agreement: string): Promise<{ code: string; grant: string }> {
  const { code, json } = await voice.ask(url, { body: { request: grantRequest(voice, agreement) } })
  return { code, grant: String(json.grant ?? '') }
}

const grantRequest = (voice: Voice, agreement: string) =>
  signDocument(
    'grant-request',
    { net: voice.net, jti: newJti(), iat: nowSeconds(), agreement, holder: voice.holder },
    voice.signer(),
  )

/** The same grant with other claims, signed with the hub's stolen grant key. */
function mintAgain(network: Network, grant: string, said: Partial<Grant>, signer?: Signer): string {
  const { payload } = parseDocument('grant', grant)
  return signDocument('grant', { ...payload, jti: newJti(), ...said }, signer ?? stealHubKey(network, 'grant'))
}

/** A TLS identity that was never registered, from the hub's own issuing authority or from one that looks the same. */
async function strangerOf(network: Network, from: 'hub' | 'lookalike'): Promise<Voice> {
  const authorities = authoritiesOf(network).map(parseCertificate)
  const now = new Date()
  const { member, name } = { member: CODES.ministry.uscc, name: CODES.ministry.name }
  const keys = generateKeyPair()
  const [rootKeys, issuingKeys] = [generateKeyPair(), generateKeyPair()]
  const made = async () => {
    const root = await issueRoot({ name: '共享中心', keys: rootKeys, now })
    const below = await issueIssuingCa({
      name: '共享中心',
      issuer: issuerOf(root, rootKeys.privateKey),
      publicKey: spkiOf(issuingKeys.publicKey),
      now,
    })
    return { certificate: below, key: issuingKeys.privateKey }
  }
  const stolen = () => {
    const { key, thumbprint } = stealHubKey(network, 'issuing')
    const certificate = authorities.find((one) => one.thumbprint === thumbprint)
    if (certificate === undefined) throw new Error('no issuing authority')
    return { certificate, key }
  }
  const { certificate, key } = from === 'hub' ? stolen() : await made()
  const leaf = await issueTlsCertificate({
    member,
    name,
    hosts: [],
    publicKey: spkiOf(keys.publicKey),
    issuer: issuerOf(certificate, key),
    now,
  })
  return openVoice(network, member, { key: keys.privateKey, chain: [leaf.der, certificate.der] }, () => ({
    key: keys.privateKey,
    thumbprint: leaf.thumbprint,
  }))
}

t.test('certificates: unregistered, of another authority, revoked on an open connection', async (t) => {
  const { network, voice, hubAt, manifests, agreement } = await openScene()
  await using _ = network
  const doors = [manifests, hubAt('/v1/directory')]
  const unregistered = await strangerOf(network, 'hub')
  for (const door of doors) t.equal((await unregistered.ask(door)).code, 'CERTIFICATE_UNREGISTERED', door)
  const lookalike = await strangerOf(network, 'lookalike')
  for (const door of doors)
    await t.rejects(lookalike.ask(door), { code: /ECONNRESET|ERR_SSL|UND_ERR_SOCKET/ }, 'not let in at all')

  const { grant } = await fetchGrant(voice, hubAt('/v1/grants'), agreement)
  t.equal((await voice.ask(manifests, { grant })).status, 200)
  t.equal((await voice.ask(manifests, { grant })).status, 200)
  const { revoked } = await network.hub.call<{ revoked: string[] }>('revoke', {
    id: voice.holder,
    reason: 'keyCompromise',
    as: REGISTRAR,
  })
  t.ok(revoked.includes(voice.holder))
  const code = await eventually(
    async () => (await voice.ask(manifests, { grant })).code || undefined,
    'the owner hears of it',
  )
  t.equal(code, 'CERTIFICATE_REVOKED')
  const opened = voice.connections()
  t.equal((await voice.ask(manifests, { grant })).code, 'CERTIFICATE_REVOKED')
  t.equal(voice.connections(), opened + 1, 'the answer closed the connection; a new one fares no better')
  t.equal((await voice.ask(hubAt('/v1/directory'))).code, 'CERTIFICATE_REVOKED')
  for (const one of [unregistered, lookalike, voice]) await one.close()
  assertConsistent(network)
})

t.test('an expired certificate is refused at both doors, also on a connection opened before its end', async (t) => {
  // OpenSSL reads the machine's clock: the certificate still has ten minutes there, and none in the servers' time.
  await using network = await startNetwork({ began: -30 * DAY + 600 })
  await network.join('ministry')
  const voice = speakAs(network, 'ministry')
  await network.node('ministry').stop()
  network.shift(30 * DAY - 600)
  await network.hub.stop()
  await network.hub.start()
  const owner = await network.join('alice')
  const doors = [`${owner.listeners()['exchange']}/catalog`, `${network.hub.listeners()['member']}/v1/directory`]
  const ownerDoor = doors[0] as string
  t.equal((await voice.ask(ownerDoor)).status, 200, 'good until then')
  const opened = voice.connections()
  network.shift(1_200)
  t.equal((await voice.ask(ownerDoor)).code, 'CERTIFICATE_EXPIRED')
  t.equal(voice.connections(), opened, 'over the same connection')
  t.equal((await voice.ask(doors[1] as string)).code, 'CERTIFICATE_EXPIRED')
  await voice.close()
})

t.test('grants: of another consumer, dataset, certificate, expired, and other kinds of documents', async (t) => {
  const scene = await openScene(TABLE, ['alice', 'ministry', 'bob'])
  const { network, owner, voice, agreement, hubAt, manifests, published } = scene
  await using _ = network
  const bob = speakAs(network, 'bob')
  const { grant } = await fetchGrant(voice, hubAt('/v1/grants'), agreement)
  t.equal((await fetchGrant(bob, hubAt('/v1/grants'), agreement)).code, 'AGREEMENT_UNKNOWN', 'not its agreement')
  t.equal((await bob.ask(manifests, { grant })).code, 'GRANT_HOLDER_MISMATCH', 'of another certificate')
  const now = nowSeconds()
  const { payload } = parseDocument('grant', grant)
  const bobs = { 'x5t#S256': Buffer.from(bob.holder, 'hex').toString('base64url') }
  const cases: [code: string, grant: string, by: Voice][] = [
    ['GRANT_SUBJECT', mintAgain(network, grant, { cnf: bobs }), bob],
    ['GRANT_AUDIENCE', mintAgain(network, grant, { aud: bob.id }), voice],
    ['GRANT_EXPIRED', mintAgain(network, grant, { iat: now - 100, exp: now - 1 }), voice],
    ['GRANT_SCOPE', mintAgain(network, grant, { dataset: `${owner.id}/other` }), voice],
    ['SIGNER_UNKNOWN', mintAgain(network, grant, {}, voice.signer()), voice],
    ['SIGNER_FORBIDDEN', mintAgain(network, grant, {}, stealHubKey(network, 'directory')), voice],
    ['DOCUMENT_KIND', grantRequest(voice, agreement), voice],
  ]
  for (const [code, presented, by] of cases) t.equal((await by.ask(manifests, { grant: presented })).code, code, code)
  t.equal(
    (await voice.ask(`${manifests.replace(published.dataset, `${owner.id}/other`)}`, { grant })).code,
    'GRANT_SCOPE',
  )
  t.equal(payload.sub, voice.id)
  const asDirectory = signDocument('grant', { ...payload, jti: newJti() }, voice.signer())
  t.equal((await voice.ask(hubAt('/v1/grants'), { body: { request: asDirectory } })).code, 'DOCUMENT_KIND')
  await bob.close()

  await t.test('another document under a used jti, and duplicate keys at a door', async (t) => {
    const order = (said: Partial<PullOrder> = {}) =>
      signDocument(
        'pull-order',
        {
          net: voice.net,
          jti: newJti(),
          iat: nowSeconds(),
          agreement,
          grant: payload.jti,
          consumer: voice.id,
          owner: owner.id,
          dataset: published.dataset,
          version: 1,
          manifest: published.manifest,
          purpose: PURPOSE,
          ...said,
        },
        voice.signer(),
      )
    const pulls = scene.at('/v1/pulls')
    const first = order()
    const { jti } = parseDocument('pull-order', first).payload
    const opened = await voice.ask(pulls, { grant, body: { order: first } })
    t.equal(opened.status, 201)
    t.same((await voice.ask(pulls, { grant, body: { order: first } })).json, opened.json, 'a retry hears the same')
    const again = order({ jti, iat: nowSeconds() + 1 })
    t.equal((await voice.ask(pulls, { grant, body: { order: again } })).code, 'REPLAYED', 'at the owner')
    const asked = grantRequest(voice, agreement)
    const other = signDocument(
      'grant-request',
      { ...parseDocument('grant-request', asked).payload, iat: nowSeconds() - 1 },
      voice.signer(),
    )
    t.equal((await voice.ask(hubAt('/v1/grants'), { body: { request: asked } })).code, '')
    t.equal((await voice.ask(hubAt('/v1/grants'), { body: { request: other } })).code, 'REPLAYED', 'at the hub')

    const twice = `{"order":${JSON.stringify(first)},"order":${JSON.stringify(first)}}`
    t.equal((await voice.ask(pulls, { grant, body: twice })).code, 'JSON_DUPLICATE_KEY')
    const doubled = `{"request":${JSON.stringify(asked)},"request":""}`
    t.equal((await voice.ask(hubAt('/v1/grants'), { body: doubled })).code, 'JSON_DUPLICATE_KEY')
  })
  await voice.close()
  assertConsistent(network)
})

t.test('new keys of a member are nobody until the other side names them', async (t) => {
  const { network, owner, agreement, voice } = await openScene()
  await using _ = network
  await voice.close()
  await t.rejects(network.join('ministry', 'second'), { code: 'MEMBER_EXISTS' }, 'no second set beside living keys')
  await network.hub.call('revoke', { id: voice.holder, reason: 'superseded', as: REGISTRAR })
  await network.node('ministry').stop()
  const again = await network.join('ministry', 'second')
  const renewed = speakAs(network, 'second')
  const known = () => again.call<{ id: string; state: string }[]>('agreements', {})
  await eventually(async () => (await known()).some(({ id }) => id === agreement), 'the new node knows the agreement')
  await eventually(async () => {
    const code = await refusalOf(() => pull(again, agreement))
    return code === 'KEY_NOT_CONTINUED'
  }, 'KEY_NOT_CONTINUED')
  const certificate = renewed.signer().thumbprint
  await eventually(async () => {
    const code = await refusalOf(() => owner.call('resume', { agreement, reason: '已电话核对指纹', certificate }))
    return code === undefined
  }, 'the owner names the new certificate')
  t.equal((await pull(again, agreement)).contents[0]?.toString(), TABLE, 'cured')
  await renewed.close()
  assertConsistent(network)
})

t.test('suspended in mid transfer: cut; a tampered chunk: never delivered', async (t) => {
  const content = randomBytes(48 * MIB)
  const { network, owner, consumer, agreement, published, voice, at, hubAt } = await openScene(
    content,
    ['alice', 'ministry'],
    'output.bin',
  )
  await using _ = network
  await t.test('the transfer of a reader that takes its time is cut within ten seconds', async (t) => {
    const { grant } = await fetchGrant(voice, hubAt('/v1/grants'), agreement)
    const { jti } = parseDocument('grant', grant).payload
    const { bytes } = await voice.ask(at(`/v1/manifests?dataset=${published.dataset}`), { grant })
    const { payload } = parseDocument('manifest', bytes.toString())
    const order = signDocument(
      'pull-order',
      {
        net: voice.net,
        jti: newJti(),
        iat: nowSeconds(),
        agreement,
        grant: jti,
        consumer: voice.id,
        owner: owner.id,
        dataset: published.dataset,
        version: 1,
        manifest: published.manifest,
        purpose: PURPOSE,
      },
      voice.signer(),
    )
    const { json } = await voice.ask(at('/v1/pulls'), { grant, body: { order } })
    const got = await voice.begin(at(`/v1/files/${json.pull}/0`), {
      grant,
      headers: { range: `bytes=0-${content.length - 1}`, 'if-match': `"${payload.files[0]?.sha256}"` },
    })
    t.equal(got.status, 206)
    const began = performance.now()
    await owner.call('suspend', { agreement, reason: '核查' })
    t.ok((await got.drain()) < content.length, 'it ended before its end')
    t.ok(performance.now() - began < 10_000)
    t.equal((await voice.ask(at(`/v1/manifests?dataset=${published.dataset}`), { grant })).code, 'AGREEMENT_SUSPENDED')
    await owner.call('resume', { agreement, reason: '核查完毕' })
    await eventually(
      async () => (await fetchGrant(voice, hubAt('/v1/grants'), agreement)).code === '',
      'the hub hears that it runs again',
    )
    const closed = await voice.ask(at(`/v1/pulls/${json.pull}/delivery`), { body: {} })
    t.match(parseDocument('delivery', String(closed.json.delivery)).payload, { outcome: 'cut' })
  })

  await t.test('one byte of the owner’s disk turned', async (t) => {
    const blob = largestBlob(join(owner.dataDir, 'blobs'))
    const bytes = readFileSync(blob)
    bytes[20_000_000] = (bytes[20_000_000] as number) ^ 1
    writeFileSync(blob, bytes)
    t.equal(await refusalOf(() => pull(consumer, agreement)), 'CHUNK_TAMPERED')
    t.throws(() => largestBlob(join(consumer.dataDir, 'blobs'), content.length), 'nothing whole at the consumer')
    bytes[20_000_000] = (bytes[20_000_000] as number) ^ 1
    writeFileSync(blob, bytes)
    await eventually(async () => {
      const done = await pull(consumer, agreement).catch(() => undefined)
      return done?.contents[0]?.equals(content)
    }, 'mended, the same pull ends')
  })
  await voice.close()
  assertConsistent(network)
})

/** Path of the largest blob, of at least `bytes`. */
function largestBlob(folder: string, bytes = 0): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && /^[0-9a-f]{64}$/.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .filter((path) => statSync(path).size >= bytes)
  const [largest] = files.toSorted((a, b) => statSync(b).size - statSync(a).size)
  if (largest === undefined) throw new Error('no blob')
  return largest
}

t.test('the catalog: namespaces, prices, and datasets of several owners', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'bob', 'ministry'] })
  const [alice, bob, ministry] = [network.node('alice'), network.node('bob'), network.node('ministry')]
  const voice = speakAs(network, 'bob')
  const entries = `${network.hub.listeners()['member']}/v1/catalog-entries`
  const make = madeDocuments({ net: voice.net, now: nowSeconds })
  const foreign = make.entryPayload({ ...voice, id: alice.id }, 'stolen')
  const post = (entry: string) => voice.ask(entries, { body: { entry } })
  const codeOf = async (entry: { text: string }) => (await post(entry.text)).code
  t.equal(await codeOf(make.signEntry(foreign, voice.signer())), 'NAMESPACE_FOREIGN')
  t.equal(await codeOf(make.signEntry({ ...foreign, member: bob.id }, voice.signer())), 'NAMESPACE_FOREIGN')
  const priced = { price: { amount: '100.00', currency: 'CNY', unit: '次' } }
  const meta = metaOf('priced', { ...priced, contentClass: 2, legalBasis: 'other' })
  t.equal(await refusalOf(() => publish(bob, 'p.csv', TABLE, meta)), 'PRICE_PHASE')

  await t.test('JOINT', async (t) => {
    const owners = [alice.id, bob.id]
    const joint = metaOf('joint', { ownership: 'JOINT', owners })
    const published = await publish(alice, 'j.csv', TABLE, joint)
    t.equal(published.state, 'waiting', 'one signature does not publish')
    const { dataset } = published
    t.equal(await refusalOf(() => ministry.call('request', { dataset, purpose: PURPOSE })), 'DATASET_UNKNOWN')
    await eventually(async () => (await refusalOf(() => bob.call('cosign', { dataset }))) === undefined, 'bob signs')
    await eventually(
      async () => (await refusalOf(() => ministry.call('request', { dataset, purpose: PURPOSE }))) === undefined,
      'published with both signatures',
    )
    const incomplete = await eventually(
      async () => (await alice.call<{ request: string }[]>('requests', { incoming: true }))[0]?.request,
      'alice hears of the request',
    )
    await alice.call('consent', { request: incomplete })
    const asked = await ministry.call<{ request: string; state: string; agreement?: string }[]>('requests', {})
    t.not(asked[0]?.state, 'AGREED', 'one owner of two is no agreement')
    t.same(await agreementsInQueue(network), [], 'and nobody is asked to approve it')
    const consumer = speakAs(network, 'ministry')
    const agreements = `${network.hub.listeners()['member']}/v1/agreements`
    const item = await eventually(async () => {
      const { json } = await consumer.ask(agreements)
      const found = json.items?.find((one: { dataset: string }) => one.dataset === dataset)
      return found?.documents?.agreement as string | undefined
    }, 'the hub holds the agreement with one signature')
    const early = make.cosign('agreement', item, consumer, 'consumer')
    t.equal((await consumer.ask(agreements, { body: { agreement: early } })).code, 'SIGNATURES_INCOMPLETE')
    await eventually(
      async () => (await refusalOf(() => bob.call('consent', { request: incomplete }))) === undefined,
      'bob agrees',
    )
    const [waiting] = await eventually(async () => {
      const queued = await agreementsInQueue(network)
      return queued.length > 0 && queued
    }, 'all have signed')
    await network.hub.call('approve', { id: waiting?.id, as: APPROVER })
    await consumer.close()
  })
  await voice.close()
  assertConsistent(network)
})

const agreementsInQueue = async ({ hub }: Network) =>
  (await hub.call<{ id: string; kind: string }[]>('queue')).filter(({ kind }) => kind === 'agreement')

t.test('an enrolment code works once; its second use is an alarm', async (t) => {
  await using network = await startNetwork()
  const { uscc: member, class: memberClass, name } = CODES.carol
  const { code } = await network.hub.call<{ code: string }>('code', { class: memberClass, member, name, as: REGISTRAR })
  const use = (folder: string) =>
    initNode({
      dataDir: join(network.home, folder),
      code,
      basePort: 0,
      passphraseFile: join(network.home, `${folder}.pass`),
    })
  t.match(await use('first'), { member })
  t.equal(await refusalOf(() => use('thief')), 'CODE_USED')
  t.match(await network.hub.call('alarms'), [{ kind: 'CODE_USED', subject: member }])
  assertConsistent(network)
})
