import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import {
  issueHubTlsCertificate,
  issueIssuingCa,
  issueOnlineCertificate,
  issueRoot,
  issuerOf,
  issueSigningCertificate,
  issueTlsCertificate,
} from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { verifyCsr } from '#pki/requests.ts'
import { serverTlsOptions } from '#pki/tls.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { openGeneralDocument, parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { formatEnrolmentCode } from '#schemas/enrolment-code.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { encodeStatusList, type Status } from '#schemas/status-list.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import { urlOf } from '#web/serving/url-of.ts'
import { wellKnown } from '#web/serving/well-known.ts'

const NAME = '测试共享中心'
const HOSTS = ['127.0.0.1', 'localhost']
const silent = createLog({ level: 'silent', name: 'hub' })

/** A hub in one file, over real TLS, that can be told to misbehave: only what a node's trust needs. */
export type WireHub = Awaited<ReturnType<typeof startWireHub>>

export async function startWireHub(readClock: () => number) {
  const now = () => Math.floor(readClock() / 1000)
  const date = () => new Date(readClock())
  const [rootKeys, caKeys, onlineKeys, grantKeys, tlsKeys] = Array.from({ length: 5 }, generateKeyPair) as [
    ReturnType<typeof generateKeyPair>,
    ReturnType<typeof generateKeyPair>,
    ReturnType<typeof generateKeyPair>,
    ReturnType<typeof generateKeyPair>,
    ReturnType<typeof generateKeyPair>,
  ]
  const root = await issueRoot({ name: NAME, keys: rootKeys, now: date() })
  const issuing = await issueIssuingCa({
    name: NAME,
    issuer: issuerOf(root, rootKeys.privateKey),
    publicKey: spkiOf(caKeys.publicKey),
    now: date(),
  })
  const issuer = issuerOf(issuing, caKeys.privateKey)
  const online = await issueOnlineCertificate({
    name: NAME,
    purpose: 'directory',
    issuer,
    publicKey: spkiOf(onlineKeys.publicKey),
    now: date(),
  })
  const grant = await issueOnlineCertificate({
    name: NAME,
    purpose: 'grant',
    issuer,
    publicKey: spkiOf(grantKeys.publicKey),
    now: date(),
  })
  const net = root.thumbprint
  const signer: Signer = { key: onlineKeys.privateKey, thumbprint: online.thumbprint }
  const from = toRfc3339(now())
  const rootText = openGeneralDocument(
    'root',
    {
      kind: 'root',
      net,
      version: 1,
      iat: now(),
      previous: null,
      certificate: toBase64url(root.der),
      keys: [
        { purpose: 'directory', certificate: toBase64url(online.der), from },
        { purpose: 'grant', certificate: toBase64url(grant.der), from },
      ],
      cas: [{ name: NAME, kind: 'embedded', certificates: [toBase64url(issuing.der), toBase64url(root.der)] }],
    },
    { key: rootKeys.privateKey, thumbprint: root.thumbprint },
    { role: 'root', iat: now() },
  )
  const rootId = parseDocument('root', rootText).id

  const members = new Map<string, MemberEntry>()
  const statuses = new Map<number, Status>()
  const answers = new Map<string, object>()
  const heard: string[] = []
  const streams = new Set<ServerResponse>()
  let [place, version] = [1, 0]
  let directory = { text: '', parts: new Map<string, Buffer>() }
  let status = ''
  const urls = { member: '', enrolment: '' }
  const control = { loseAnswers: false, loseParts: false, refuse: undefined as string | undefined }

  async function issue(requestText: string): Promise<object> {
    const known = answers.get(parseDocument('certificate-request', requestText).id)
    if (known !== undefined) return known
    const { id, payload } = parseDocument('certificate-request', requestText)
    if (!(Math.abs(payload.iat - now()) <= 120)) throw new Refusal('STALE_REQUEST')
    const key = (proof: typeof payload.tls) => verifyCsr(fromBase64url('csr' in proof ? proof.csr : '')).publicKey
    const draft = { issuer, member: payload.member, name: '示例协会甲', now: date() }
    const tls = await issueTlsCertificate({ ...draft, publicKey: key(payload.tls), hosts: HOSTS })
    const signing = await issueSigningCertificate({ ...draft, publicKey: key(payload.signing) })
    register(payload.member, id, payload.endpoint, [
      ['tls', tls.der],
      ['signing', signing.der],
    ])
    const chain = (der: Buffer) => [toBase64url(der), toBase64url(issuing.der)]
    const answer = {
      member: payload.member,
      name: draft.name,
      class: 'association',
      certificates: { tls: chain(tls.der), signing: chain(signing.der) },
    }
    answers.set(id, answer)
    return answer
  }

  function register(
    member: string,
    request: string,
    endpoint: string | null,
    certificates: ['tls' | 'signing', Buffer][],
  ): void {
    const before = members.get(member)?.certificates ?? []
    const added = certificates.map(([use, der]) => ({
      use,
      thumbprint: sha256(der),
      certificate: toBase64url(der),
      request,
      status: ++place,
    }))
    members.set(member, {
      id: member,
      name: '示例协会甲',
      class: 'association',
      standing: 'good',
      admission: sha256(member),
      endpoint,
      sponsors: [],
      certificates: [...before, ...added],
    })
    sign()
  }

  function signDirectory(number: number): { text: string; parts: Map<string, Buffer> } {
    const part = Buffer.from(JSON.stringify({ members: [...members.values()] }))
    const text = signDocument(
      'directory',
      {
        net,
        version: number,
        iat: now(),
        exp: now() + LIMITS.directoryExpirySeconds,
        root: { version: 1, hash: rootId },
        phase: 'construction',
        policy: { limits: {}, networks: [], loopback: true },
        hub: { name: NAME, member: urls.member, enrolment: urls.enrolment, public: '' },
        parts: [sha256(part)],
      },
      signer,
    )
    return { text, parts: new Map([[sha256(part), part]]) }
  }

  function signStatus(number: number): string {
    const lst = encodeStatusList(statuses, 65_536)
    return signDocument(
      'status',
      {
        net,
        version: number,
        iat: now(),
        exp: now() + LIMITS.statusExpirySeconds,
        ttl: 60,
        status_list: { bits: 2, lst },
      },
      signer,
    )
  }

  function sign(): void {
    version = Math.max(version + 1, now())
    directory = signDirectory(version)
    status = signStatus(version)
    push()
  }

  function push(): void {
    for (const stream of streams) stream.write(`event: directory\ndata: {"version":${version}}\n\n`)
  }

  const hubTls = await issueHubTlsCertificate({
    name: NAME,
    issuer,
    publicKey: spkiOf(tlsKeys.publicKey),
    hosts: HOSTS,
    now: date(),
  })
  const identity = { key: tlsKeys.privateKey, chain: [hubTls.der, issuing.der] }
  const enrolment = createServer({ tls: serverTlsOptions({ ...identity, clientCas: 'none' }), log: silent })
  const member = createServer({
    tls: serverTlsOptions({ ...identity, clientCas: [issuing.der, root.der] }),
    log: silent,
  })
  const describe = () =>
    ({ role: 'hub', versions: ['v1'], endpoints: { ...urls }, identity: { net, name: NAME } }) as const
  for (const app of [enrolment, member]) {
    await app.register(wellKnown(describe))
    app.addHook('onRequest', async (request) => void heard.push(`${request.method} ${request.url}`))
  }
  const answerRequest = async (body: unknown) => {
    if (control.refuse !== undefined) throw new Refusal(control.refuse as 'CODE_USED')
    const answer = await issue((body as { request: string }).request)
    if (control.loseAnswers) throw new Error('the answer is lost')
    return answer
  }
  const bodyOf = async (raw: unknown) => JSON.parse(String(raw as Buffer))
  enrolment.get('/v1/root', () => ({ roots: [rootText] }))
  enrolment.post('/v1/enrolments', async (request, reply) =>
    reply.code(201).send(await answerRequest(await bodyOf(request.body))),
  )
  enrolment.post('/v1/renewals', async (request, reply) =>
    reply.code(201).send(await answerRequest(await bodyOf(request.body))),
  )
  member.post('/v1/certificates', async (request, reply) =>
    reply.code(201).send(await answerRequest(await bodyOf(request.body))),
  )
  const tagged = (app: FastifyInstance, path: string, text: () => string) =>
    app.get(path, (request, reply) => {
      const tag = `"${sha256(text())}"`
      reply.header('etag', tag)
      return request.headers['if-none-match'] === tag
        ? reply.code(304).send()
        : reply.type('application/jose').send(text())
    })
  tagged(member, '/v1/directory', () => directory.text)
  tagged(member, '/v1/status', () => status)
  member.get<{ Params: { hash: string } }>('/v1/directory/parts/:hash', (request) => {
    if (control.loseParts) throw new Error('the part is lost')
    return directory.parts.get(request.params.hash)
  })
  member.get('/v1/requests', () => ({ items: [], next: null }))
  member.get('/v1/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
    streams.add(reply.raw)
    member.endOnClose(() => reply.raw.end())
  })
  let ports = [0, 0]

  async function listen(): Promise<void> {
    await enrolment.listen({ host: '127.0.0.1', port: ports[0] as number })
    await member.listen({ host: '127.0.0.1', port: ports[1] as number })
    urls.enrolment = urlOf(enrolment, 'https', '127.0.0.1')
    urls.member = urlOf(member, 'https', '127.0.0.1')
    ports = [enrolment, member].map((app) => (app.server.address() as { port: number }).port)
  }

  await listen()
  sign()
  return {
    net,
    heard,
    control,
    urls,
    members,
    statuses,
    sign,
    push,
    /** Puts texts in place of the newest, signed or not. */
    serveDirectory: (number: number) => {
      directory = signDirectory(number)
      push()
    },
    serveStatus: (number: number) => {
      status = signStatus(number)
      push()
    },
    versionNow: () => version,
    codeFor: (memberId: string) =>
      formatEnrolmentCode({ url: urls.enrolment, member: memberId, secret: newJti(), fingerprint: root.thumbprint }),
    /** A certificate in a member's name that it never asked for. */
    async forge(memberId: string): Promise<string> {
      const keys = generateKeyPair()
      const forged = await issueTlsCertificate({
        issuer,
        member: memberId,
        name: 'x',
        now: date(),
        publicKey: spkiOf(keys.publicKey),
        hosts: HOSTS,
      })
      register(memberId, sha256('forged'), null, [['tls', forged.der]])
      return forged.thumbprint
    },
    async stop(): Promise<void> {
      await Promise.all([enrolment.close(), member.close()])
    },
  }
}
