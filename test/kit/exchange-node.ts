import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { serverTlsOptions } from '#pki/tls.ts'
import { openGeneralDocument, parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { CatalogEntry, Grant } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type Commit, createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { verifyAgreement } from '#schemas/verify-agreement.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import { requireCaller } from '#web/serving/require-caller.ts'
import { recordOf } from '../../node/actions/find-agreement.ts'
import type { Receipt } from '../../node/actions/list-receipts.ts'
import { createExchange } from '../../node/exchange.ts'
import type { AgreementRecord, ExchangeDeps, OwnEntry, OwnVersion } from '../../node/exchange-deps.ts'
import { createBlobs } from '../../node/store/blobs.ts'
import type { Authority, TestMember } from './authority.ts'
import { describeEntry, storeFile } from './publish-version.ts'

const MIGRATIONS = join(import.meta.dirname, '../../schemas/migrations/node')
const JOURNAL =
  'CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, hash TEXT NOT NULL, salt TEXT NOT NULL, time TEXT NOT NULL) STRICT;'

/** A node's exchange with real storage and real mutual TLS; its hub is the authority, reached without a wire. */
export type ExchangeNode = Awaited<ReturnType<typeof startExchangeNode>>

/** What this node's hub does: which agreements it grants, and whether it can be reached. */
export interface HubSide {
  reachable: boolean
  readonly filed: { kind: string; document: string }[]
  grantSeconds: number
  /** Grants given so far. */
  granted: number
  /** A kind of receipt it does not take. */
  refusing?: string
}

export async function startExchangeNode(
  authority: Authority,
  member: TestMember,
  folder = mkdtempSync(join(tmpdir(), 'hanghui-')),
  waits: readonly number[] = [20, 40, 80],
) {
  const party = authority.createPartyTrust()
  party.tell()
  const { clock, trust } = party
  const db = openDatabase(join(folder, 'node.db'), migrationsIn(folder), { create: true })
  const log = createLog({ level: process.env.KIT_LOG ?? 'silent', name: 'node' })
  const agreements = new Map<string, AgreementRecord>()
  const statuses = new Map<string, number>()
  const versions: OwnVersion[] = []
  const entries: OwnEntry[] = []
  const hubSide: HubSide = { reachable: true, filed: [], grantSeconds: 24 * 3_600, granted: 0 }
  const newest = () => member.pairs.at(-1) as TestMember['pairs'][number]
  const blobs = createBlobs(join(folder, 'blobs'))

  const killable = createKillable(createGroupCommit(db), folder)

  async function post(path: string, body: Record<string, unknown>): Promise<unknown> {
    if (!hubSide.reachable) throw new Refusal('HUB_UNREACHABLE')
    if (path === '/v1/receipts') {
      const documents = body.documents as { kind: 'delivery'; document: string }[]
      const isTaken = ({ kind }: { kind: string }) => kind !== hubSide.refusing
      const taken = documents.filter(isTaken)
      hubSide.filed.push(...taken)
      const refused = documents.flatMap((one, index) => (isTaken(one) ? [] : [{ index, code: 'PULL_CLOSED' }]))
      return { stored: taken.map(({ kind, document }) => parseDocument(kind, document).id), refused }
    }
    const request = parseDocument('grant-request', body.request as string).payload
    const agreement = agreements.get(request.agreement)
    if (agreement === undefined) throw new Refusal('AGREEMENT_UNKNOWN')
    if (agreement.state !== 'FINALIZED') throw new Refusal('AGREEMENT_SUSPENDED')
    const exp = authority.now() + hubSide.grantSeconds
    hubSide.granted += 1
    return {
      grant: authority.mintGrant({ ...agreement, status: statuses.get(agreement.id) as number }, request.holder, {
        exp,
      } as Partial<Grant>),
    }
  }

  const deps: ExchangeDeps = {
    member: member.id,
    clock,
    log,
    db,
    commit: killable.commit,
    journal: createJournal(db, clock),
    trust,
    keys: authority.agreementKeys,
    blobs,
    agreements: {
      find: (id) => agreements.get(id),
      between: (consumer, dataset) =>
        [...agreements.values()].filter(({ payload }) => payload.consumer === consumer && payload.dataset === dataset),
      list: () => [...agreements.values()],
    },
    datasets: {
      findVersion: (dataset, version) =>
        versions.findLast(
          ({ payload }) => payload.dataset === dataset && (version === undefined || payload.version === version),
        ),
      findManifest: (manifest) => versions.find((one) => one.manifest === manifest),
      findEntry: (id) => entries.find((one) => one.id === id),
      newestEntry: (dataset) => entries.findLast(({ payload }) => payload === undefined || payload.dataset === dataset),
    },
    hub: {
      async get(path) {
        if (!hubSide.reachable) throw new Refusal('HUB_UNREACHABLE')
        if (path.startsWith('/v1/certificates/')) return authority.stepOf(path.slice('/v1/certificates/'.length))
        const text = published.get(path.slice('/v1/catalog-entries/'.length))
        if (text === undefined) throw new Refusal('NOT_FOUND')
        return { entry: text, state: 'published' }
      },
      post: post as ExchangeDeps['hub']['post'],
    },
    signer: () => ({ key: newest().signing.key, thumbprint: newest().signing.certificate.thumbprint }),
    tls: () => ({
      key: newest().tls.key,
      chain: [newest().tls.certificate.der, authority.issuing.der],
      thumbprint: newest().tls.certificate.thumbprint,
    }),
    findCertificate: authority.findCertificate,
    learnLine: async () => {},
    proofMaterial: authority.proofMaterial,
    pinPaper: () => {},
    offerFile: (path) => path,
    refreshTrust: async () => party.tell(),
    refreshAgreements: async () => {},
  }
  const exchange = createExchange(deps, { waits })
  let app: FastifyInstance | undefined

  /** Listens, and from the second time on at the same address. */
  async function listen(): Promise<void> {
    const { key, chain } = deps.tls()
    app = createServer({ tls: serverTlsOptions({ key, chain, clientCas: authority.cas }), log })
    app.addHook('onRequest', requireCaller({ trust, refresh: async () => party.tell() }))
    await app.register(exchange.routes)
    const port = member.endpoint === null ? 0 : Number(new URL(member.endpoint).port)
    await app.listen({ host: '127.0.0.1', port })
    const address = app.server.address()
    if (typeof address === 'object' && address !== null) member.endpoint = `https://127.0.0.1:${address.port}`
  }

  async function stopListening(): Promise<void> {
    app?.server.closeAllConnections()
    await app?.close()
    app = undefined
  }

  /** Publishes a version of one file or several, and the entry beside it; `terms` go up when asked to. */
  async function publish(
    slug: string,
    files: Readonly<Record<string, Uint8Array | { readonly path: string }>>,
    more: {
      sharing?: 'unconditional' | 'conditional'
      terms?: number
      audience?: CatalogEntry['meta']['audience']
    } = {},
  ): Promise<{ entry: string; manifest: string; version: number }> {
    const dataset = `${member.id}/${slug}`
    const earlier = versions.filter(({ payload }) => payload.dataset === dataset)
    const version = earlier.length + 1
    const listed = await Promise.all(
      Object.entries(files).map(([path, bytes]) =>
        storeFile(blobs, path, bytes, earlier.at(-1)?.payload.files[0]?.chunks.parameters),
      ),
    )
    const text = signDocument(
      'manifest',
      {
        net: authority.net,
        iat: authority.now(),
        dataset,
        version,
        salt: newJti(),
        previous: earlier.at(-1)?.manifest ?? null,
        schema: null,
        files: listed,
      },
      deps.signer(),
    )
    const manifest = parseDocument('manifest', text)
    versions.push({ manifest: manifest.id, text, payload: manifest.payload })
    const payload = describeEntry({
      net: authority.net,
      iat: authority.now(),
      member: member.id,
      slug,
      sequence: entries.length + 1,
      version,
      manifest: manifest.id,
      files: listed,
      ...more,
    })
    const entryText = openGeneralDocument('catalog-entry', payload, deps.signer(), {
      role: 'owner',
      iat: authority.now(),
    })
    const { id } = parseDocument('catalog-entry', entryText)
    entries.push({ id, sequence: payload.sequence, payload })
    published.set(id, entryText)
    return { entry: id, manifest: manifest.id, version }
  }

  /** Puts an agreement into this node's books, as its sync with the hub would. */
  function learn(agreement: { text: string; status: number }, change: Partial<AgreementRecord> = {}): AgreementRecord {
    const record = {
      ...recordOf(verifyAgreement(agreement.text, 'hub', authority.agreementKeys, authority.net)),
      ...change,
    }
    agreements.set(record.id, record)
    statuses.set(record.id, agreement.status)
    return record
  }

  return {
    member,
    folder,
    deps,
    exchange,
    db,
    trust,
    hubSide,
    agreements,
    versions,
    entries,
    tell: party.tell,
    listen,
    stopListening,
    publish,
    learn,
    signer: deps.signer,
    pull: (
      target: string,
      version?: number,
      signal = new AbortController().signal,
      progress: (done: number, total: number) => void = () => {},
    ) => pullBy(exchange, { agreement: target, ...(version === undefined ? {} : { version }) }, signal, progress),
    /** Dies as by kill -9 right after its n-th commit from now on; `image()` is the folder as it then lay on the disk. */
    killAfterCommits: killable.arm,
    image: killable.image,
    /** What `node receipts` prints. */
    receipts: (args: { id?: string; proofs?: boolean } = {}) =>
      exchange.actions['receipts']?.run(args as never, {} as never) as (Receipt & { readonly proofFile?: string })[],
    async close(): Promise<void> {
      await exchange.stop()
      await stopListening()
      db.close()
    },
    discard: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A commit that can stop for ever at a chosen moment, leaving the folder as a crash would. */
function createKillable(commit: Commit, folder: string) {
  let left = Number.POSITIVE_INFINITY
  let image: string | undefined

  const killed = (): never => {
    throw new Error('killed')
  }
  return {
    commit: (async <T>(job: () => T): Promise<T> => {
      if (image !== undefined) killed()
      const value = await commit(job)
      left -= 1
      if (left === 0) {
        image = mkdtempSync(join(tmpdir(), 'hanghui-'))
        cpSync(folder, image, { recursive: true })
        killed()
      }
      return value
    }) as Commit,
    arm(commits: number): void {
      left = commits
    },
    image: (): string | undefined => image,
  }
}

/** What every node of the process has published: the hub's catalog. */
const published = new Map<string, string>()

export interface Pulled {
  readonly pull: string
  readonly version: number
  readonly bytes: number
  readonly fetchedBytes: number
  readonly files: readonly { path: string; sha256: string; handle: string }[]
}

async function pullBy(
  exchange: { actions: ReturnType<typeof createExchange>['actions'] },
  args: object,
  signal: AbortSignal,
  progress: (done: number, total: number) => void,
): Promise<Pulled> {
  const run = exchange.actions.pull?.run
  if (run === undefined) throw new Error('there is a pull')
  return (await run(args as never, {
    via: { kind: 'control' },
    signal,
    progress: ({ phase, done, total }) => (phase === 'fetch' ? progress(done, total) : undefined),
  })) as Pulled
}

/** The migrations of the node; a bare journal stands in for the first one where only the exchange is of interest. */
function migrationsIn(folder: string): string {
  if (existsSync(join(MIGRATIONS, '001-base.sql'))) return MIGRATIONS
  const own = join(folder, 'migrations')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, '001-journal.sql'), JOURNAL)
  copyFileSync(join(MIGRATIONS, '002-exchange.sql'), join(own, '002-exchange.sql'))
  return own
}
