import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createClock } from '#schemas/clock.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { encodeStatusList, STATUS_PLACES } from '#schemas/status-list.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { downloadFile } from '#web/serving/call-control.ts'
import { restoreHub } from '../../hub/backup.ts'
import { createFacts } from '../../hub/store/facts.ts'
import { MIGRATIONS } from '../../hub/store/migrations.ts'
import { createPlaces, markRestored } from '../../hub/store/places.ts'
import { agree, metaOf, publish, pull, refusalOf } from '../kit/act.ts'
import { withDatabase } from '../kit/speak-as.ts'
import { APPROVER, eventually, type Network, REGISTRAR, startNetwork } from '../kit/start-network.ts'
import { A, ask, certificateOf, enrolMember, openHub } from './hub-kit.ts'

const TABLE = '月份,产量\n2026-01,10\n2026-02,12\n'

/** The newest status list as the hub has signed it. */
function listOf({ hub }: Network) {
  const { text } = withDatabase(
    join(hub.dataDir, 'hub.db'),
    (db) => db.prepare('SELECT text FROM status_list').get() as { text: string },
  )
  const { payload } = parseDocument('status', text)
  return { ...payload, regions: payload.regions ?? [{ from: 0, places: STATUS_PLACES }] }
}

const placesOf = ({ hub }: Network) =>
  new Map(
    withDatabase(join(hub.dataDir, 'hub.db'), (db) =>
      (db.prepare('SELECT place, status FROM places').all() as { place: number; status: string }[]).map(
        ({ place, status }) => [place, status] as const,
      ),
    ),
  )

async function backUp({ home, hub }: Network): Promise<string> {
  const { handle } = await hub.call<{ handle: string }>('backup')
  const file = join(home, 'hub.backup')
  await downloadFile(hub.dataDir, handle, file)
  return file
}

/** The hub's disk is lost; what comes in its place knows the backup only. */
async function loseAndRestore({ hub }: Network, file: string): Promise<void> {
  await hub.stop()
  renameSync(hub.dataDir, `${hub.dataDir}.lost-${Date.now()}`)
  await restoreHub({ dataDir: hub.dataDir, file })
  await hub.start()
}

const alarmsOf = async (party: Network['hub']) =>
  (await party.call<{ kind: string }[]>('alarms')).map(({ kind }) => kind)

/** Until this node has the hub's newest list, one that is newer than `than`. */
const caughtUp = (network: Network, who: 'alice' | 'bob', than = 0) =>
  eventually(
    async () => {
      const { text } = withDatabase(
        join(network.node(who).dataDir, 'node.db'),
        (db) => db.prepare('SELECT text FROM status_lists ORDER BY version DESC').get() as { text: string },
      )
      const { version } = parseDocument('status', text).payload
      return version > than && version >= listOf(network).version
    },
    `${who} follows the restored hub`,
    300,
  )

t.test('what was given and revoked after a backup stays so over its restore', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'bob', 'ministry'] })
  const { hub } = network
  const [alice, bob, ministry] = [network.node('alice'), network.node('bob'), network.node('ministry')]
  const { dataset } = await publish(alice, 'output.csv', TABLE, metaOf('output'))
  const kept = await agree(network, bob, alice, dataset)
  const file = await backUp(network)

  // After the backup: a member and an agreement more, and both revoked again.
  const late = await agree(network, ministry, alice, dataset)
  await network.join('carol')
  await hub.call('terminate', { id: late, as: APPROVER, reason: 'test' })
  await hub.call('revoke', { id: network.node('carol').id, as: REGISTRAR, reason: 'keyCompromise' })
  // Many changes in one second: numbers of lists run ahead of the clock.
  for (let round = 0; round < 15; round++) {
    await hub.call('suspend', { id: ministry.id, as: REGISTRAR, reason: 'test' })
    await hub.call('resume', { id: ministry.id, as: REGISTRAR, reason: 'test' })
  }
  const lostList = listOf(network)
  const lostPlaces = placesOf(network)
  const revoked = [...lostPlaces].filter(([, status]) => status === 'revoked').map(([place]) => place)
  t.equal(revoked.length, 3, 'two certificates and an agreement')
  await caughtUp(network, 'alice')
  await caughtUp(network, 'bob')
  await network.node('carol').stop()

  await loseAndRestore(network, file)
  await caughtUp(network, 'alice', lostList.version)
  await caughtUp(network, 'bob', lostList.version)
  for (const node of [alice, bob]) t.same(await alarmsOf(node), [], 'no node takes it for an attack')
  t.ok((await alarmsOf(hub)).includes('REVOCATIONS_LOST'), 'the operators hear of it')
  t.same(
    revoked.map((place) => placesOf(network).get(place)),
    revoked.map(() => 'revoked'),
    'revoked stays revoked',
  )

  const before = new Set(placesOf(network).keys())
  const again = await agree(network, ministry, alice, dataset)
  await network.join('carol', 'carol-again')
  const given = [...placesOf(network).keys()].filter((place) => !before.has(place))
  t.equal(given.length, 3)
  for (const place of given) {
    t.notOk(lostPlaces.has(place), 'no place twice')
    t.notOk(
      lostList.regions.some(({ from, places }) => place >= from && place < from + places),
      'nor where the lost hub could have given one',
    )
  }
  for (const [consumer, agreement] of [
    [bob, kept],
    [ministry, again],
  ] as const)
    t.equal((await pull(consumer, agreement)).contents[0]?.toString(), TABLE, 'pulls go on')
  t.ok(await refusalOf(() => pull(ministry, late)), 'the terminated agreement does not come back')
})

t.test('a reminder counts by our own signature, and only if it says more', async (t) => {
  const hub = await openHub(t)
  const member = await enrolMember(hub, A)
  const post = (path: string, body: object) => ask(hub, 'POST', path, { pair: member, body })
  const [status, directory] = await Promise.all(
    ['/v1/status', '/v1/directory'].map(async (path) => (await ask(hub, 'GET', path, { pair: member })).text),
  )
  await hub.call('phase', { phase: 'rollout', as: '系统管理员' })
  const newest = async () => (await ask(hub, 'GET', '/v1/status', { pair: member })).text
  const before = await newest()
  t.match(await post('/v1/status', { status }), { status: 200, json: { state: 'known' } })
  t.match(await post('/v1/directory', { directory }), { status: 200, json: { state: 'known' } })

  const { payload } = parseDocument('status', before)
  const all = encodeStatusList(
    Array.from({ length: STATUS_PLACES }, (_, place) => [place, 'revoked'] as const),
    STATUS_PLACES,
  )
  const forged = { ...payload, version: payload.version + 1, status_list: { bits: 2 as const, lst: all } }
  const signer = { key: member.signing.privateKey, thumbprint: sha256(certificateOf(member, 'signing')) }
  t.match((await post('/v1/status', { status: signDocument('status', forged, signer) })).json, {
    code: 'SIGNER_UNKNOWN',
  })
  const [header, body] = before.split('.')
  const other = signDocument('status', forged, signer).split('.')[2]
  t.match((await post('/v1/status', { status: `${header}.${body}.${other}` })).json, { code: 'SIGNATURE_INVALID' })
  t.match((await post('/v1/status', { status: directory })).json, { code: 'DOCUMENT_KIND' })
  for (const path of ['/v1/status', '/v1/directory'])
    t.match(
      await post(path, { keys: 'k'.repeat(300_000) }),
      { status: 413, json: { code: 'BODY_TOO_LARGE' } },
      'many times longer than ours: not even read',
    )
  t.equal(parseDocument('status', await newest()).payload.status_list.lst, payload.status_list.lst, 'nobody is revoked')
  t.same(await hub.call('alarms'), [])
})

t.test('places: a region by the second of its opening', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'hanghui-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  let seconds = 1_800_000_000
  function open(name: string) {
    const db = openDatabase(join(dir, name), MIGRATIONS, { create: true })
    t.teardown(() => db.close())
    const clock = createClock(
      () => seconds * 1000,
      0,
      () => {},
    )
    const places = createPlaces(db, createFacts(db, createJournal(db, clock)), clock.now, () => {})
    return { db, places }
  }
  const { db, places } = open('hub.db')
  const regionOf = (place: number, of = places) =>
    of.regions().findIndex(({ from, places: count }) => place >= from && place < from + count)
  t.equal(regionOf(places.allocate()), 0)
  t.same(places.regions(), [{ from: 0, places: STATUS_PLACES }])

  const fill = (from: number) =>
    db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO places (place, status) SELECT ? + i, 'good' FROM n WHERE true ON CONFLICT DO NOTHING`,
      )
      .run(STATUS_PLACES / 2, from)
  fill(0)
  seconds += 60
  t.equal(regionOf(places.allocate()), 1, 'a half full region makes room for another')
  t.same(places.regions()[1], { from: seconds * STATUS_PLACES, places: STATUS_PLACES })

  // The same second again, and a clock that stands still: never the same numbers.
  fill(seconds * STATUS_PLACES)
  t.equal(regionOf(places.allocate()), 2)

  db.prepare('VACUUM INTO ?').run(join(dir, 'backup.db'))
  fill((places.regions()[2]?.from ?? 0) as number)
  seconds += 60
  const lost = places.allocate()
  seconds += 60
  const restored = open('backup.db')
  markRestored(restored.db)
  restored.places.leaveRestored()
  const given = restored.places.allocate()
  t.equal(regionOf(given), -1, 'where the lost hub never gave one')
  t.equal(regionOf(lost, restored.places), -1)
  const regions = restored.places.regions()
  restored.places.leaveRestored()
  t.same(restored.places.regions(), regions, 'once')
  t.equal(readFileSync(join(dir, 'backup.db')).subarray(0, 6).toString(), 'SQLite')
})
