import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createClock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { type EnrolmentCode, parseEnrolmentCode } from '#schemas/enrolment-code.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Root } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { ENDPOINT } from '#schemas/shapes.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { type OpenDatabase, openDatabase } from '#schemas/storage/open-database.ts'
import { createTrust } from '#schemas/trust.ts'
import { validate } from '#schemas/validate.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { choosePorts } from '#web/serving/choose-ports.ts'
import { environment } from '#web/serving/config.ts'
import { ownNewFolder, requireNoServer } from '#web/serving/data-folder.ts'
import { makePassphrase } from '#web/serving/passphrase.ts'
import { acceptPair, parseIssued } from './actions/accept-pair.ts'
import { makePairKeys, readPairKeys, signRequest } from './actions/certificate-request.ts'
import { fetchRoots } from './actions/fetch-roots.ts'
import { DEFAULT_PORTS, type ListenerName, writeNodeConfig } from './config.ts'
import { createHubClient, type HubClient } from './hub-client.ts'
import { thumbprintOf } from './identity.ts'
import { createFacts, type Facts } from './store/facts.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { createPairs, type PendingPair } from './store/pairs.ts'
import { createPapers } from './store/papers.ts'
import { createTrustTexts } from './store/trust-texts.ts'

/** What `hanghui node init` may settle. `now` in milliseconds. */
export interface InitNodeOptions {
  readonly dataDir: string
  readonly code: string
  /** First of two ports in a row; 0: free ones, chosen once; without it the usual ones. */
  readonly basePort?: number
  readonly host?: string
  readonly passphraseFile?: string
  readonly now?: () => number
}

/** What a new node is: its member, the root it pinned, and its certificates' thumbprints (hex). */
export interface InitialisedNode {
  readonly member: string
  readonly fingerprint: string
  readonly certificates: { readonly tls: string; readonly signing: string }
}

/**
 * Protocol 3.2: enrols this folder with a one-time code. Each step is on disk before the next one begins, and `config.toml`
 * comes last, which makes it a node: a second `init` with a code goes on where the first was cut off, with the same keys
 * and the same request. Where the hub has refused, any code and address begin anew. ALREADY_INITIALISED, ENROLMENT_OPEN,
 * CODE_*, ROOT_MISMATCH, HUB_UNREACHABLE.
 */
export async function initNode(options: InitNodeOptions): Promise<InitialisedNode> {
  const code = parseEnrolmentCode(options.code)
  const { host = '127.0.0.1' } = options
  const ports = await choosePorts(DEFAULT_PORTS, options.basePort, host)
  return ownNewFolder(options.dataDir, requireNoServer, async (dataDir) => {
    const db = openDatabase(join(dataDir, 'node.db'), MIGRATIONS, { create: true })
    try {
      return await enrol(db, dataDir, code, { ...options, host, ports })
    } finally {
      db.close()
    }
  })
}

interface Listening {
  readonly host: string
  readonly ports: Readonly<Record<ListenerName, number>>
}

async function enrol(
  db: OpenDatabase,
  dataDir: string,
  code: EnrolmentCode,
  { host, ports, passphraseFile, now = Date.now }: InitNodeOptions & Listening,
): Promise<InitialisedNode> {
  const facts = createFacts(db)
  const passphrase = makePassphrase(dataDir, { file: passphraseFile, env: environment() })
  const clock = createClock(now, facts.findNumber('floor'), () => {})
  const roots = verifyRootLine(await fetchRoots(code.url), code.fingerprint)
  createTrust(roots, clock)
  const endpoint = claimFolder(db, code, roots) ?? endpointOf(host, ports.exchange)

  const root = roots.at(-1) as (typeof roots)[number]
  const hub = createHubClient({
    root: () => root.payload,
    address: () => code.url,
    identity: () => undefined,
    now: clock.date,
  })
  try {
    await rememberHub(facts, hub)
    const folder = join(dataDir, 'keys')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const pair = await obtainPair({ db, facts, hub, code, folder, passphrase, endpoint, now: clock.now, root })
    writeNodeConfig(join(dataDir, 'config.toml'), {
      host,
      endpoint,
      ports: { ...ports, exchange: Number(new URL(endpoint).port || 443) },
      passphraseFile,
    })
    return {
      member: code.member,
      fingerprint: code.fingerprint,
      certificates: { tls: thumbprintOf(pair.tls), signing: thumbprintOf(pair.signing) },
    }
  } finally {
    await hub.close()
  }
}

function endpointOf(host: string, port: number): string {
  const address = host === '0.0.0.0' || host === '::' ? hostname().toLowerCase() : host
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/**
 * Pins member and network. Where a request lies here that the hub may have accepted, the folder is for its member, its
 * network and its address, which is returned; a newer code of the same member may take over. ENROLMENT_OPEN. Anything
 * else that was tried here before goes.
 */
function claimFolder(
  db: OpenDatabase,
  { member, fingerprint, url }: EnrolmentCode,
  roots: ReturnType<typeof verifyRootLine>,
): string | undefined {
  const [facts, pairs, texts] = [createFacts(db), createPairs(db), createTrustTexts(db)]
  const begun = pairs.findPending() ?? pairs.list().at(-1)
  const asked = begun && parseDocument('certificate-request', begun.requestText).payload
  if (!(asked === undefined || (asked.member === member && asked.net === roots[0]?.payload.net)))
    throw new Refusal('ENROLMENT_OPEN', { member: asked?.member })
  db.transaction(() => {
    if (asked === undefined) texts.dropRoots()
    for (const { payload, text } of roots) texts.addRoot(payload.version, text)
    facts.set('member', member)
    facts.set('fingerprint', fingerprint)
    facts.set('enrolment', url)
  })()
  return asked?.endpoint ?? undefined
}

const DISCOVERY = {
  type: 'object',
  properties: { endpoints: { type: 'object', properties: { member: ENDPOINT }, required: ['member'] } },
  required: ['endpoints'],
} as const

/** Where the member listener is; from the first directory on the signed one counts. */
async function rememberHub(facts: Facts, hub: HubClient): Promise<void> {
  const { endpoints } = validate(DISCOVERY, await hub.getFrom('enrolment', '/.well-known/hanghui'), 'PEER_MISBEHAVED')
  facts.set('hub', endpoints.member)
}

interface Enrolling {
  readonly db: OpenDatabase
  readonly facts: Facts
  readonly hub: HubClient
  readonly code: EnrolmentCode
  readonly folder: string
  readonly passphrase: string
  readonly endpoint: string
  readonly now: () => number
  readonly root: { readonly payload: Root }
}

async function obtainPair(at: Enrolling) {
  const pairs = createPairs(at.db)
  const done = pairs.list().at(-1)
  if (done !== undefined) return done
  const pending = pairs.findPending() ?? (await ask(at))
  const keys = readPairKeys(at.folder, pending.number, at.passphrase)
  const { answer, sent } = await send(at, pending).catch((error: unknown) => {
    dropRefused(at, pending, error)
    throw error
  })
  const pair = acceptPair(sent, answer, {
    keys,
    member: at.code.member,
    root: at.root.payload,
    now: new Date(at.now() * 1000),
  })
  if (!(answer.member === at.code.member)) throw new Refusal('MEMBER_MISMATCH', { member: answer.member })
  const journal = createJournal(at.db, { stamp: () => new Date(at.now() * 1000).toISOString().replace(/\.\d+/, '') })
  at.db.transaction(() => {
    pairs.answer(pair)
    at.facts.set('name', answer.name)
    at.facts.set('class', answer.class)
    at.facts.drop('secret')
    keepAdmission(at.db, answer.admission)
    journal.append('certificate-request', pair.request)
  })()
  return pair
}

/** New keys and their request, both on disk before anything is sent. */
async function ask(at: Enrolling): Promise<PendingPair> {
  const pairs = createPairs(at.db)
  const number = pairs.nextNumber()
  const keys = makePairKeys(at.folder, number, at.passphrase)
  const pending = { number, ...(await signRequest(keys, factsOf(at), undefined)) }
  at.db.transaction(() => {
    pairs.ask(pending)
    at.facts.set('secret', sha256(at.code.secret))
  })()
  return pending
}

/** The hub says these before it accepts anything, and an accepted request would have been answered instead. */
const NOT_ACCEPTED = [
  'CODE_UNKNOWN',
  'CODE_USED',
  'CODE_EXPIRED',
  'ENDPOINT_REFUSED',
  'MEMBER_MISMATCH',
  'NAME_INVALID',
  'NETWORK_MISMATCH',
  'STALE_REQUEST',
] as const

/** A request that surely was not accepted goes: the next `init` may be with another code or address, and has keys of its own. */
function dropRefused({ db, facts, code }: Enrolling, { number }: PendingPair, error: unknown): void {
  // Sent under a second code, it may have been accepted under the first.
  if (!(isRefusal(error, ...NOT_ACCEPTED) && facts.find('secret') === sha256(code.secret))) return
  db.transaction(() => createPairs(db).drop(number))()
}

/** The stored request again; where the hub had not seen it in time, the same keys are asked for anew. */
async function send(
  at: Enrolling,
  pending: PendingPair,
): Promise<{ answer: ReturnType<typeof parseIssued>; sent: PendingPair }> {
  const { hub, code, facts } = at
  if (facts.find('secret') !== sha256(code.secret)) facts.drop('secret')
  const post = (requestText: string) =>
    hub.postTo('enrolment', '/v1/enrolments', { secret: code.secret, request: requestText })
  try {
    return { answer: parseIssued(await post(pending.requestText)), sent: pending }
  } catch (error) {
    if (!isRefusal(error, 'STALE_REQUEST')) throw error
    const keys = readPairKeys(at.folder, pending.number, at.passphrase)
    const anew = { number: pending.number, ...(await signRequest(keys, factsOf(at), undefined)) }
    at.db.transaction(() => createPairs(at.db).askAnew(anew))()
    return { answer: parseIssued(await post(anew.requestText)), sent: anew }
  }
}

const factsOf = ({ root, code, now, endpoint }: Enrolling) => ({
  net: root.payload.net,
  member: code.member,
  iat: now(),
  endpoint,
})

function keepAdmission(db: OpenDatabase, text: string | undefined): void {
  if (text === undefined) return
  const { id, payload } = parseDocument('admission', text)
  createPapers(db).keep({ id, kind: 'admission', story: null, signer: 'hub', iat: payload.iat, text })
}
