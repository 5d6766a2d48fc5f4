import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { sha256 } from '#schemas/hash.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { createLog } from '#web/serving/log.ts'
import { createTrustKeeper } from '../../node/actions/keep-trust.ts'
import { createTrustSync } from '../../node/actions/sync-trust.ts'
import { createCertificates } from '../../node/store/certificates.ts'
import { createFacts } from '../../node/store/facts.ts'
import { MIGRATIONS } from '../../node/store/migrations.ts'
import { createTrustTexts } from '../../node/store/trust-texts.ts'
import { createAuthority } from '../kit/authority.ts'

t.test('what an event tells of during a round is asked for in a round after it', async (t) => {
  const asked: string[] = []
  let answer: (() => void) | undefined
  const fetch = async (path: string) => {
    asked.push(path)
    if (path === '/v1/status') await new Promise<void>((resolve) => (answer = resolve))
    return { unchanged: true } as const
  }
  type Deps = Parameters<typeof createTrustSync>[0]
  const unused = undefined as never
  const { syncTrust } = createTrustSync({
    trust: unused,
    texts: unused,
    keeper: unused,
    hub: { fetch } as unknown as Deps['hub'],
    fetchRoots: unused,
    changed: unused,
    log: createLog({ level: 'silent', name: 'node' }),
  })
  const until = async (count: number) => {
    for (let turn = 0; turn < 100 && asked.length < count; turn++) await new Promise(setImmediate)
    return asked.length
  }
  const first = syncTrust()
  t.equal(await until(2), 2, 'the directory is answered, the status list is on its way')
  const events = [syncTrust(), syncTrust()]
  t.equal(events[0], events[1], 'all that come meanwhile share one round')
  answer?.()
  await first
  t.equal(await until(4), 4)
  answer?.()
  await Promise.all(events)
  t.same(asked, ['/v1/directory', '/v1/status', '/v1/directory', '/v1/status'])
})

t.test('a directory that a full disk kept from being stored is stored when it comes again', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hh-trust-'))
  const db = openDatabase(join(home, 'node.db'), MIGRATIONS, { create: true })
  t.teardown(() => {
    db.close()
    rmSync(home, { recursive: true, force: true })
  })
  const authority = await createAuthority({ now: Date.now() })
  const { trust } = authority.createPartyTrust()
  const texts = createTrustTexts(db)
  const disk = { full: true }
  const commit: Commit = async (job) => {
    if (disk.full) throw new Error('no room')
    return db.transaction(job).immediate()
  }
  const { acceptDirectory } = createTrustKeeper({
    trust,
    texts,
    certificates: createCertificates(db),
    facts: createFacts(db),
    commit,
    journal: { append: () => 1 } as never,
    raiseAlarm: async () => {},
  })
  const held = authority.proofMaterial().directoryAt(authority.now(), [])
  if (held === undefined) throw new Error('no directory')
  const { directory, parts } = held
  const byHash = new Map(parts.map((part) => [sha256(part), part]))
  await t.rejects(acceptDirectory([], directory, byHash), { message: 'no room' })
  t.equal(texts.newestDirectory(), undefined)
  disk.full = false
  t.equal(await acceptDirectory([], directory, byHash), true)
  t.equal(texts.newestDirectory()?.text, directory)
  t.equal(await acceptDirectory([], directory, byHash), false, 'and then it is no news')
})
