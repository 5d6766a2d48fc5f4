import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock } from '#schemas/clock.ts'
import { Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import { createAlarms } from '#schemas/storage/alarms.ts'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { runAction } from '#web/serving/actions.ts'
import { createLog } from '#web/serving/log.ts'
import { createPartyKeys, findCertificate } from '../../node/actions/party-keys.ts'
import { createPinPaper, createProofMaterial } from '../../node/actions/proof-material.ts'
import { createAlarmBell } from '../../node/actions/raise-alarm.ts'
import { type AgreeingDeps, createAgreeing } from '../../node/agreeing.ts'
import type { HubRequests } from '../../node/exchange-deps.ts'
import { createPublishing, type PublishingDeps } from '../../node/publishing.ts'
import { createCertificates } from '../../node/store/certificates.ts'
import { createFacts } from '../../node/store/facts.ts'
import { MIGRATIONS } from '../../node/store/migrations.ts'
import { createPapers } from '../../node/store/papers.ts'
import { createTrustTexts } from '../../node/store/trust-texts.ts'
import type { Answer, Party, World } from '../hub-exchange/world.ts'

/** How the hub behaves towards this node: away, or with its own idea of an answer. */
export interface Mood {
  away: boolean | 'after'
  /** What the hub says instead of listening to a document. */
  refuse: (path: string) => Refusal | undefined
  /** Looks at each answer before the node does; what it gives is the answer. */
  alter: (path: string, body: unknown) => unknown
}

/** The hub's member listener of a world as a node's client shows it, in whatever mood. */
export function hubOf(party: Party): { hub: HubRequests; mood: Mood; posted: { path: string; body: object }[] } {
  const posted: { path: string; body: object }[] = []
  const mood: Mood = { away: false, refuse: () => undefined, alter: (_path, body) => body }
  async function send(method: 'get' | 'post', path: string, body: object, ask: () => Promise<Answer>) {
    if (mood.away === true) throw new Refusal('HUB_UNREACHABLE', { sent: false })
    const refusal = method === 'post' ? mood.refuse(path) : undefined
    if (refusal !== undefined) throw refusal
    const answer = await ask()
    if (method === 'post') posted.push({ path, body })
    if (mood.away === 'after') throw new Refusal('HUB_UNREACHABLE', { sent: true })
    if (answer.status >= 400) throw refusalFromProblem(answer.body)
    return mood.alter(path, answer.body)
  }
  const hub = {
    get: (path: string) => send('get', path, {}, () => party.get(path)),
    post: (path: string, body: object) => send('post', path, body, () => party.post(path, body)),
  }
  return { hub, mood, posted }
}

/** What a node does by itself in the background has run. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round++) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The agreeing side of a node with real storage, over the hub's own exchange. */
export type AgreeingNode = ReturnType<typeof openAgreeingNode>

export function openAgreeingNode(world: World, party: Party, folder = mkdtempSync(join(tmpdir(), 'hanghui-agree-'))) {
  const { trust } = world
  const log = createLog({ level: process.env['KIT_LOG'] ?? 'silent', name: party.id })
  const clock = createClock(
    () => world.time.now,
    0,
    () => {},
  )
  const db = openDatabase(join(folder, 'node.db'), MIGRATIONS, { create: true })
  const commit = createGroupCommit(db)
  const journal = createJournal(db, clock)
  const stores = {
    facts: createFacts(db),
    texts: createTrustTexts(db),
    certificates: createCertificates(db),
    papers: createPapers(db),
    alarms: createAlarms(db),
  }
  const { hub, mood, posted } = hubOf(party)
  const membership = () => ({
    member: party.id,
    name: party.id,
    memberClass: party.member.class,
    phase: 'construction' as const,
  })
  const base = {
    member: party.id,
    clock,
    log,
    db,
    commit,
    journal,
    trust,
    hub,
    stores,
    membership,
    keys: createPartyKeys({ trust, certificates: stores.certificates, clock }),
    signer: party.signer,
    bell: createAlarmBell({ alarms: stores.alarms, clock, commit, journal, log }),
    findCertificate: (thumbprint: string) => findCertificate({ trust, certificates: stores.certificates }, thumbprint),
    pinPaper: createPinPaper(stores),
    proofMaterial: createProofMaterial({ trust, texts: stores.texts }),
    learnLine: async () => {},
    baseUrl: () => '',
    changed: () => {},
    refreshTrust: async () => {},
  }
  // Nothing of a node's files or TLS is touched on this way.
  const publishing = createPublishing(base as unknown as PublishingDeps)
  const agreeing = createAgreeing({ ...base, outbox: publishing.outbox } as unknown as AgreeingDeps)
  const context = { via: { kind: 'control' as const }, progress: () => {}, signal: new AbortController().signal }

  return {
    id: party.id,
    party,
    folder,
    db,
    mood,
    posted,
    agreeing,
    outbox: publishing.outbox,
    stores,
    run: <T = Record<string, unknown>>(name: string, args: object = {}): Promise<T> =>
      runAction(agreeing.actions, name, args, context) as Promise<T>,
    /** What an event of the hub leads to, until nothing is left to do by itself. */
    async hear(): Promise<void> {
      await agreeing.refreshAgreements()
      await agreeing.tick()
      await settled()
      await agreeing.refreshAgreements()
    },
    alarms: () => stores.alarms.standing().map(({ kind }) => kind),
    unread: () =>
      db
        .prepare<[], { problem: string }>('SELECT problem FROM unread_stories')
        .all()
        .map(({ problem }) => problem),
    close: () => db.close(),
    discard(): void {
      if (db.open) db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
