import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import { makeCsr } from '#pki/requests.ts'
import { clientTlsOptions, expectHub } from '#pki/tls.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { parseEnrolmentCode } from '#schemas/enrolment-code.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { Root } from '#schemas/kinds.ts'
import { callControl } from '#web/serving/call-control.ts'
import { createLog } from '#web/serving/log.ts'
import { initHub } from '../../hub/init.ts'
import { type RunningHub, type StartHubOptions, startHub } from '../../hub/main.ts'

export const A = '51100000PDY0000283'
export const B = '51100000PDY000036X'
export const silent = createLog({ level: 'silent', name: 'hub' })

// biome-ignore lint/suspicious/noExplicitAny: answers of the hub are looked at key by key
type Answer = any

/** A hub in a folder of its own, with a clock that can be moved; `restart` opens the same folder again. */
export async function openHub(t: Test, options: Pick<StartHubOptions, 'fetchCrl'> = {}) {
  const dataDir = join(t.testdir({}), 'hub')
  const passphraseFile = join(dataDir, '..', 'passphrase')
  writeFileSync(passphraseFile, 'a passphrase of the tests\n', { mode: 0o600 })
  let offset = 0
  const readClock = () => Date.now() + offset
  const { fingerprint } = await initHub({ dataDir, basePort: 0, passphraseFile, now: readClock })
  let hub: RunningHub = await startHub({ dataDir, readClock, log: silent, ...options })
  t.teardown(() => hub.close())
  const kit = {
    dataDir,
    fingerprint,
    passphraseFile,
    readClock,
    listeners: () => hub.listeners,
    move: (seconds: number) => {
      offset += seconds * 1000
    },
    stop: () => hub.close(),
    async restart() {
      await hub.close()
      hub = await startHub({ dataDir, readClock, log: silent, ...options })
    },
    call: (name: string, args: object = {}): Promise<Answer> => callControl(dataDir, name, args),
    async code(member: string, memberClass = 'association'): Promise<string> {
      return (
        (await kit.call('code', { class: memberClass, member, name: `测试单位${member.slice(-2)}`, as: '登记员' })) as {
          code: string
        }
      ).code
    },
    async root(): Promise<Root> {
      const { body } = await request(`${hub.listeners.public}/v1/root`)
      const { roots } = (await body.json()) as { roots: string[] }
      return parseDocument('root', roots.at(-1) as string).payload
    },
  }
  await kit.call('operator-add', { name: '登记员', role: 'registrar' })
  await kit.call('operator-add', { name: '系统管理员', role: 'administrator' })
  return kit
}

export type HubKit = Awaited<ReturnType<typeof openHub>>

/** A pair of keys with what the hub gave for them. */
export interface Pair {
  readonly tls: KeyPair
  readonly signing: KeyPair
  readonly chains: { tls: string[]; signing: string[] }
}

export interface Wish {
  readonly member: string
  readonly previous?: Pair
  readonly endpoint?: string | null
  readonly iat?: number
  /** Certificates of an external CA in place of CSRs. */
  readonly external?: {
    readonly tls: Buffer
    readonly signing: Buffer
    readonly keys: { readonly tls: KeyPair; readonly signing: KeyPair }
  }
  /** Both uses with one key. */
  readonly oneKey?: boolean
}

export const certificateOf = (pair: Pair, use: 'tls' | 'signing'): Buffer =>
  Buffer.from(fromBase64url(pair.chains[use][0] as string))

/** A certificate-request as a node writes it, with the keys it is about. */
export async function makeRequest(hub: HubKit, { member, previous, endpoint = null, iat, oneKey, external }: Wish) {
  const tls = external?.keys.tls ?? generateKeyPair()
  const signing = external?.keys.signing ?? (oneKey === true ? tls : generateKeyPair())
  const subject = { commonName: '节点', organization: '节点', member }
  const csr = async (keys: KeyPair, role: 'node-tls' | 'node-signing') => ({
    csr: toBase64url(await makeCsr(keys, { ...subject, role })),
  })
  const before = previous === undefined ? null : sha256(certificateOf(previous, 'signing'))
  const payload = {
    net: hub.fingerprint,
    jti: newJti(),
    iat: iat ?? Math.floor(hub.readClock() / 1000),
    member,
    previous: before,
    tls: external === undefined ? await csr(tls, 'node-tls') : { certificate: toBase64url(external.tls), chain: [] },
    signing:
      external === undefined
        ? await csr(signing, 'node-signing')
        : { certificate: toBase64url(external.signing), chain: [] },
    endpoint,
  }
  const signer =
    previous === undefined
      ? { key: signing.privateKey, thumbprint: sha256(spkiOf(signing.publicKey)) }
      : { key: previous.signing.privateKey, thumbprint: before as string }
  return { text: signDocument('certificate-request', payload, signer), tls, signing }
}

/** Over mutual TLS where a pair is shown, on the enrolment listener otherwise. */
export async function ask(
  hub: HubKit,
  method: 'GET' | 'POST',
  path: string,
  { pair, body, headers = {} }: { pair?: Pair; body?: object; headers?: Record<string, string> } = {},
) {
  const root = await hub.root()
  const serverCas = root.cas.flatMap(({ certificates }) => certificates.map((text) => fromBase64url(text)))
  const identity =
    pair === undefined
      ? ('none' as const)
      : { key: pair.tls.privateKey, chain: pair.chains.tls.map((text) => fromBase64url(text)) }
  const dispatcher = new Agent({ connect: clientTlsOptions({ identity, serverCas, expect: expectHub() }) })
  try {
    const base = pair === undefined ? hub.listeners().enrolment : hub.listeners().member
    const answer = await request(`${base}${path}`, {
      method,
      dispatcher,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    const type = String(answer.headers['content-type'] ?? '')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      json: (type.includes('json') ? JSON.parse(text) : {}) as Answer,
    }
  } finally {
    await dispatcher.destroy()
  }
}

export const secretOf = (code: string): string => parseEnrolmentCode(code).secret

/** A member's node as it comes out of `node init`. */
export async function enrolMember(
  hub: HubKit,
  member: string,
  memberClass = 'association',
): Promise<Pair & { answer: Answer; code: string; request: string }> {
  const code = await hub.code(member, memberClass)
  const { text, tls, signing } = await makeRequest(hub, { member })
  const {
    status,
    json,
    text: body,
  } = await ask(hub, 'POST', '/v1/enrolments', { body: { secret: secretOf(code), request: text } })
  if (status !== 201) throw new Error(body)
  return { tls, signing, chains: json.certificates, answer: json, code, request: text }
}

/** The next pair of a member. */
export async function renewMember(
  hub: HubKit,
  pair: Pair,
  member: string,
  over: 'member' | 'enrolment',
): Promise<{ status: number; json: Answer; pair: Pair; request: string }> {
  const { text, tls, signing } = await makeRequest(hub, { member, previous: pair })
  const answer =
    over === 'member'
      ? await ask(hub, 'POST', '/v1/certificates', { pair, body: { request: text } })
      : await ask(hub, 'POST', '/v1/renewals', { body: { request: text } })
  return {
    status: answer.status,
    json: answer.json,
    request: text,
    pair: { tls, signing, chains: answer.json.certificates },
  }
}
