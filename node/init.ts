import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createClock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { type EnrolmentCode, parseEnrolmentCode } from '#schemas/enrolment-code.ts'
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
import { lockDataFolder, makeDataFolder } from '#web/serving/data-folder.ts'
import { makePassphrase } from '#web/serving/passphrase.ts'
import { acceptPair, parseIssued } from './actions/accept-pair.ts'
import { makePairKeys, readPairKeys, signRequest } from './actions/certificate-request.ts'
import { fetchRoots } from './actions/fetch-roots.ts'
import { DEFAULT_PORTS, LISTENERS, writeNodeConfig } from './config.ts'
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
 * and the same request. ALREADY_INITIALISED, CODE_*, ROOT_MISMATCH, HUB_UNREACHABLE.
 */
export async function initNode(options: InitNodeOptions): Promise<InitialisedNode> {
  const code = parseEnrolmentCode(options.code)
  const dataDir = makeDataFolder(options.dataDir)
  if (existsSync(join(dataDir, 'config.toml'))) throw new Refusal('ALREADY_INITIALISED', { dataDir })
  const lock = lockDataFolder(dataDir)
  try {
    const db = openDatabase(join(dataDir, 'node.db'), MIGRATIONS, { create: true })
    try {
      return await enrol(db, dataDir, code, options)
    } finally {
      db.close()
    }
  } finally {
    lock.release()
  }
}

async function enrol(
  db: OpenDatabase,
  dataDir: string,
  code: EnrolmentCode,
  options: InitNodeOptions,
): Promise<InitialisedNode> {
  const { host = '127.0.0.1', now = Date.now } = options
  const facts = createFacts(db)
  const passphrase = makePassphrase(dataDir, { file: options.passphraseFile, env: environment() })
  const { basePort } = options
  const ports = basePort === undefined ? DEFAULT_PORTS : await choosePorts(LISTENERS, basePort, host)
  const endpoint = rememberEndpoint(facts, host, ports.exchange)
  pinMember(facts, code)
  const root = await pinRoot(db, facts, code, now)

  const clock = createClock(now, facts.findNumber('floor'), () => {})
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
      passphraseFile: options.passphraseFile,
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

/** The address goes into the certificate, so an init that is resumed keeps the first one's port. */
function rememberEndpoint(facts: Facts, host: string, port: number): string {
  const known = facts.find('endpoint')
  if (known !== undefined) return known
  const address = host === '0.0.0.0' || host === '::' ? hostname().toLowerCase() : host
  const endpoint = `https://${address.includes(':') ? `[${address}]` : address}:${port}`
  facts.set('endpoint', endpoint)
  return endpoint
}

/** A folder is begun for one member of one network; a newer code for the same may take over. */
function pinMember(facts: Facts, { member, fingerprint, url }: EnrolmentCode): void {
  const known = facts.find('member')
  if (known !== undefined && known !== member) throw new Refusal('ALREADY_INITIALISED', { member: known })
  facts.set('member', member)
  facts.set('fingerprint', fingerprint)
  facts.set('enrolment', url)
}

/** The only thing asked before anybody is believed; it counts only since the fingerprint vouches for it. */
async function pinRoot(db: OpenDatabase, facts: Facts, code: EnrolmentCode, now: () => number) {
  const texts = createTrustTexts(db)
  const roots = verifyRootLine(await fetchRoots(code.url), code.fingerprint)
  createTrust(
    roots,
    createClock(now, facts.findNumber('floor'), () => {}),
  )
  db.transaction(() => {
    for (const { payload, text } of roots) texts.addRoot(payload.version, text)
  })()
  return roots.at(-1) as (typeof roots)[number]
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
  const { answer, sent } = await send(at, pending)
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
  at.db.transaction(() => pairs.ask(pending))()
  return pending
}

/** The stored request again; where the hub had not seen it in time, the same keys are asked for anew. */
async function send(
  at: Enrolling,
  pending: PendingPair,
): Promise<{ answer: ReturnType<typeof parseIssued>; sent: PendingPair }> {
  const { hub, code } = at
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
