import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { toBase64url } from '#schemas/base64url.ts'
import { type Signer, signDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import { encodeStatusList, type Status } from '#schemas/status-list.ts'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import type { Actions } from '#web/serving/actions.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { HubDeps } from '../../hub/deps.ts'
import type { ArchivedCertificate } from '../../hub/exchange.ts'
import { registerExchange } from '../../hub/register-exchange.ts'
import { createContents } from '../../hub/store/contents.ts'
import { createFacts } from '../../hub/store/facts.ts'
import { createAuthority, type TestMember } from '../kit/authority.ts'

const MIGRATIONS = join(import.meta.dirname, '../../schemas/migrations/hub')
export const CODES = {
  one: '51100000PDY00001X3',
  two: '51100000PDY0000283',
  three: '51100000PDY000036X',
  ministry: '11100000PDY0090060',
  affiliate: '51100000PDY001004U',
} as const

/** An answer over the wire. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any
  readonly headers: Record<string, unknown>
}

/** A party of the test: signs with its newest pair. */
export interface Party {
  readonly id: string
  readonly member: TestMember
  signer(): Signer
  tls(): string
  get(path: string): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
}

/** The hub's exchange on a real database behind its own routes; trust is made by hand, the wire is left out. */
export type World = Awaited<ReturnType<typeof startWorld>>

export async function startWorld(time = { now: Date.UTC(2026, 10, 24, 4) }) {
  const authority = await createAuthority(time)
  const { clock, trust } = authority.createPartyTrust()
  const folder = mkdtempSync(join(tmpdir(), 'hanghui-hub-'))
  const setting = { phase: 'construction' as 'construction' | 'rollout', sponsors: [] as MemberEntry['sponsors'] }
  const statuses = new Map<number, Status>()
  const versions = { directory: 1, status: 1, place: 1000 }
  const revoked = new Map<string, ArchivedCertificate['revoked']>()
  const operators = new Map<string, { role: string; member: string | null }>()

  function publishTrust(): void {
    const members = [...authority.members.values()].map((member): MemberEntry => {
      const registered = (use: 'tls' | 'signing') =>
        member.pairs.map((pair) => ({
          use,
          thumbprint: pair[use].certificate.thumbprint,
          certificate: toBase64url(pair[use].certificate.der),
          request: pair.request,
          status: pair.places[use],
        }))
      const sponsors = member.class === 'affiliate' ? setting.sponsors : []
      return {
        id: member.id,
        name: `名称${member.id}`,
        class: member.class,
        standing: member.standing,
        admission: sha256(member.id),
        endpoint: null,
        sponsors,
        certificates: [...registered('tls'), ...registered('signing')],
      }
    })
    const part = Buffer.from(JSON.stringify({ members }))
    versions.directory += 1
    versions.status += 1
    const [iat, signer, root] = [authority.now(), authority.signerOf('directory'), trust.roots()[0]]
    const directory = {
      net: authority.net,
      version: versions.directory,
      iat,
      exp: iat + LIMITS.directoryExpirySeconds,
      root: { version: 1, hash: root?.id as string },
      phase: setting.phase,
      policy: { limits: {}, networks: [], loopback: true },
      hub: {
        name: '测试共享中心',
        member: 'https://127.0.0.1:1',
        enrolment: 'https://127.0.0.1:1',
        public: 'http://hub.test',
      },
      parts: [sha256(part)],
    }
    trust.acceptDirectory(signDocument('directory', directory, signer), new Map([[sha256(part), part]]))
    trust.acceptStatus(
      signDocument(
        'status',
        {
          net: authority.net,
          version: versions.status,
          iat,
          exp: iat + LIMITS.statusExpirySeconds,
          ttl: 60,
          status_list: { bits: 2, lst: encodeStatusList(statuses, 65_536) },
        },
        signer,
      ),
    )
  }

  function findArchived(thumbprint: string): ArchivedCertificate | undefined {
    for (const { id, pairs } of authority.members.values()) {
      for (const use of ['tls', 'signing'] as const) {
        const certificate = pairs.map((pair) => pair[use].certificate).find((one) => one.thumbprint === thumbprint)
        if (certificate === undefined) continue
        const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
        return {
          member: id,
          use,
          der: certificate.der,
          notBefore: seconds(certificate.notBefore),
          notAfter: seconds(certificate.notAfter),
          revoked: revoked.get(thumbprint),
        }
      }
    }
    return undefined
  }

  const log = createLog({ level: process.env['KIT_LOG'] ?? 'silent', name: 'hub' })
  const db = openDatabase(join(folder, 'hub.db'), MIGRATIONS, { create: true })
  const journal = createJournal(db, clock)
  const commit = createGroupCommit(db)
  const deps: HubDeps = {
    dataDir: folder,
    log,
    clock,
    db,
    commit,
    journal,
    trust,
    transfers: {} as Transfers,
    contents: createContents({ db, commit, clock, facts: createFacts(db, journal) }),
    signer: (purpose) => authority.signerOf(purpose),
    places: {
      allocate() {
        versions.place += 1
        statuses.set(versions.place, 'good')
        return versions.place
      },
      set: (place, status) => void statuses.set(place, status),
    },
    findArchived,
    requireOperator(name, role) {
      const found = operators.get(name)
      if (found === undefined) throw new Refusal('OPERATOR_UNKNOWN', { name })
      if (found.role !== role) throw new Refusal('ROLE_REQUIRED', { role })
      return { name, member: found.member }
    },
    published: async () => publishTrust(),
    directoryChanged() {},
    raiseAlarm() {},
  } as HubDeps
  const exchange = { part: registerExchange(deps) }
  let apps = await serve()

  async function serve(): Promise<{ member: FastifyInstance; open: FastifyInstance }> {
    const [member, open] = [createServer({ log }), createServer({ log })]
    member.addHook('onRequest', async (request) => {
      const thumbprint = String(request.headers['x-thumbprint'])
      const certificate = trust.requireCertificate(thumbprint, 'tls')
      request.caller = { member: certificate.member, certificate, thumbprint }
    })
    await exchange.part.member(member)
    await exchange.part.public(open)
    return { member, open }
  }

  async function inject(
    app: FastifyInstance,
    method: 'GET' | 'POST',
    url: string,
    headers: Record<string, string>,
    body?: object,
  ): Promise<Answer> {
    const answer = await app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    })
    return {
      status: answer.statusCode,
      body: answer.body === '' ? undefined : JSON.parse(answer.body),
      headers: answer.headers,
    }
  }

  async function join_(id: string, memberClass: MemberClass): Promise<Party> {
    const member = await authority.enrol(id, memberClass)
    publishTrust()
    const newest = () => member.pairs.at(-1) as TestMember['pairs'][number]
    const headers = () => ({ 'x-thumbprint': newest().tls.certificate.thumbprint })
    return {
      id,
      member,
      signer: () => ({ key: newest().signing.key, thumbprint: newest().signing.certificate.thumbprint }),
      tls: () => newest().tls.certificate.thumbprint,
      get: (path) => inject(apps.member, 'GET', path, headers()),
      post: (path, body) => inject(apps.member, 'POST', path, headers(), body),
    }
  }

  /** The exchange anew over the same database, as after a restart; `forget` also deletes what may be deleted. */
  async function restart(forget = false): Promise<void> {
    await exchange.part.close()
    if (forget) for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `index.db${suffix}`), { force: true })
    exchange.part = registerExchange(deps)
    apps = await serve()
  }

  return {
    authority,
    net: authority.net,
    now: authority.now,
    time,
    trust,
    journal,
    setting,
    statuses,
    revoked,
    operators,
    publishTrust,
    join: join_,
    restart,
    open: (path: string, headers: Record<string, string> = {}) => inject(apps.open, 'GET', path, headers),
    /** The public listener as a browser asks it; the body as it came. */
    async see(path: string, headers: Record<string, string> = {}) {
      const answer = await apps.open.inject({ url: path, headers: { accept: 'text/html', ...headers } })
      return { status: answer.statusCode, body: answer.body, bytes: answer.rawPayload, headers: answer.headers }
    },
    part: () => exchange.part,
    db,
    act: (name: string, args = {}) => runAction(exchange.part.actions, name, args),
    async close(): Promise<void> {
      await exchange.part.close()
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function runAction(actions: Actions, name: string, args: object) {
  const { run } = actions[name] as Actions[string]
  const result = await run(args as never, {
    via: { kind: 'control' },
    progress: () => {},
    signal: new AbortController().signal,
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of many shapes
  return result as any
}
