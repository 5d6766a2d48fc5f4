/** What waits for a hub that stays away longer than the certificate it was signed with. */
import { join } from 'node:path'
import t from 'tap'
import { agree, metaOf, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent } from '../kit/assert-consistent.ts'
import { withDatabase } from '../kit/speak-as.ts'
import { CODES, eventually, type Party, startNetwork } from '../kit/start-network.ts'

const DAY = 86_400
const TABLE = '月份,产量\n2026-01,10\n'

interface Listed {
  readonly dataset: string
  readonly state: string
  readonly version: number
}

const outboxOf = async (node: Party) => (await node.call<{ outbox: number }>('status')).outbox

t.test('all that was said meanwhile arrives, signed anew', async (t) => {
  // OpenSSL reads the machine's clock: for it the first certificates still have a minute, and the second ones have begun.
  await using network = await startNetwork({ began: -30 * DAY + 60, nodes: ['alice', 'bob'] })
  const { hub } = network
  const [alice, bob] = [network.node('alice'), network.node('bob')]
  const kept = await publish(alice, 'kept.csv', TABLE, metaOf('kept'))
  const gone = await publish(alice, 'gone.csv', TABLE, metaOf('gone'))
  const agreement = await agree(network, bob, alice, kept.dataset)
  await pull(bob, agreement)

  await hub.stop()
  t.equal((await publish(alice, 'kept.csv', `${TABLE}2026-02,12\n`, metaOf('kept'))).state, 'queued')
  t.match(await alice.call('withdraw', { dataset: gone.dataset, reason: 'test' }), { state: 'queued' })
  t.match(await alice.call('sponsor', { member: CODES.affiliate.uscc }), { state: 'queued' })
  await alice.call('terminate', { agreement, reason: 'test' })
  t.equal(await outboxOf(alice), 4)
  network.shift(30 * DAY)
  await hub.start()
  // By themselves they look once a minute.
  for (const node of [alice, bob]) await node.call('renew')

  await eventually(async () => (await outboxOf(alice)) === 0, 'nothing waits any more', 250)
  const listed = await alice.call<Listed[]>('datasets')
  t.match(
    listed.find(({ dataset }) => dataset === kept.dataset),
    { state: 'published', version: 2 },
  )
  t.match(
    listed.find(({ dataset }) => dataset === gone.dataset),
    { state: 'withdrawn' },
  )
  const catalog = await hub.call<{ id: string; state: string }[]>('catalog')
  t.match(
    catalog.find(({ id }) => id === gone.dataset),
    { state: 'withdrawn' },
  )
  const ended = await eventually(
    async () =>
      (await hub.call<{ id: string; state: string }[]>('agreements')).find(
        ({ id, state }) => id === agreement && state === 'TERMINATED',
      ),
    'the hub hears that the agreement has ended',
  )
  t.equal(ended.id, agreement)
  t.ok(await refusalOf(() => pull(bob, agreement)), 'nothing is pulled any more')
  const sponsored = withDatabase(join(alice.dataDir, 'node.db'), (db) =>
    db.prepare('SELECT state FROM sponsorships').all(),
  )
  t.same(sponsored, [{ state: 'standing' }])
  t.same(
    (await alice.call<{ kind: string }[]>('alarms')).map(({ kind }) => kind),
    [],
  )
  assertConsistent(network)
})
