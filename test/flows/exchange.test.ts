import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { agree, metaOf, PURPOSE, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent, assertFoldersConsistent } from '../kit/assert-consistent.ts'
import { eventually, startNetwork } from '../kit/start-network.ts'

const TABLE = '月份,产量\n2026-01,10\n2026-02,12\n'

t.test('from enrolment to receipts', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const owner = network.node('alice')
  const consumer = network.node('ministry')

  const published = await publish(owner, 'output.csv', TABLE, metaOf('output'))
  t.match(published, { dataset: `${owner.id}/output`, version: 1, state: 'published' })
  const found = await eventually(async () => {
    const { items } = await consumer.call<{ items: { dataset: string }[] }>('search', { words: '数据' })
    return items.find(({ dataset }) => dataset === published.dataset)
  }, 'the dataset is found')
  t.match(found, { sharing: 'conditional', version: 1 })

  const agreement = await agree(network, consumer, owner, published.dataset)
  const pulled = await pull(consumer, agreement)
  t.equal(pulled.contents[0]?.toString(), TABLE)
  t.equal(pulled.verified, true)
  for (const [party, role] of [
    [owner, 'owner'],
    [consumer, 'consumer'],
  ] as const) {
    const receipts = await eventually(async () => {
      const all = await party.call<{ role: string; delivery?: string; acknowledgement?: string }[]>('receipts', {})
      return all.length === 1 && all[0]?.acknowledgement ? all : undefined
    }, `${role} has its receipt`)
    t.match(receipts, [{ role, pull: pulled.pull, agreement, dataset: published.dataset, version: 1 }])
  }

  await t.test('a revision moves to the consumer', async (t) => {
    const revised = `${TABLE}2026-03,13\n`
    t.equal((await publish(owner, 'output.csv', revised, metaOf('output'))).version, 2)
    t.equal((await pull(consumer, agreement)).contents[0]?.toString(), revised)
    t.equal((await pull(consumer, agreement, 1)).contents[0]?.toString(), TABLE, 'an older version is still there')
  })

  await t.test('each side lifts only its own suspension', async (t) => {
    await owner.call('suspend', { agreement, reason: '核对口径' })
    t.equal(await refusalOf(() => pull(consumer, agreement)), 'AGREEMENT_SUSPENDED')
    t.not(await refusalOf(() => consumer.call('resume', { agreement, reason: '请恢复' })), undefined)
    await owner.call('resume', { agreement, reason: '核对完毕' })
    await eventually(async () => (await refusalOf(() => pull(consumer, agreement))) === undefined, 'pulls run again')
  })

  await t.test('terminated is final', async (t) => {
    await owner.call('terminate', { agreement, reason: '不再共享' })
    t.match(
      await eventually(() => refusalOf(() => pull(consumer, agreement)), 'the pull is refused'),
      'AGREEMENT_TERMINATED',
    )
  })
  assertConsistent(network)

  await t.test('the check of the databases finds what does not hold', (t) => {
    const spoilings = [
      "UPDATE agreements SET state = 'FINALIZED' WHERE state = 'TERMINATED'",
      "UPDATE documents SET text = substr(text, 1, length(text) - 8) || 'AAAAAAAA' WHERE kind = 'request'",
      "UPDATE documents SET id = replace(id, substr(id, 1, 4), 'ffff') WHERE kind = 'grant-request'",
      "DELETE FROM journal WHERE hash IN (SELECT id FROM documents WHERE kind = 'delivery')",
      'UPDATE pulls SET delivery = (SELECT delivery FROM pulls AS other WHERE other.pull <> pulls.pull)',
      "UPDATE entries SET state = 'superseded' WHERE state = 'published'",
    ]
    for (const [number, sql] of spoilings.entries()) {
      const copy = join(network.home, `spoilt-${number}`)
      mkdirSync(copy)
      for (const name of ['hub.db', 'index.db']) {
        const source = new Database(join(network.hub.dataDir, name), { readonly: true })
        source.exec(`VACUUM INTO '${join(copy, name)}'`)
        source.close()
      }
      assertFoldersConsistent(network.fingerprint, copy, [])
      const db = new Database(join(copy, 'hub.db'))
      db.pragma('foreign_keys = OFF')
      db.exec(sql)
      db.close()
      t.throws(() => assertFoldersConsistent(network.fingerprint, copy, []), sql)
    }
    t.end()
  })
})

t.test('an open offer needs nobody, until the owner ended the last one', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const owner = network.node('alice')
  const consumer = network.node('ministry')
  const { dataset } = await publish(owner, 'open.csv', TABLE, metaOf('open', { sharing: 'unconditional' }))
  const asked = await consumer.call<{ agreement: string; state: string }>('request', { dataset, purpose: PURPOSE })
  t.equal(asked.state, 'FINALIZED')
  t.equal((await pull(consumer, asked.agreement)).contents[0]?.toString(), TABLE)

  await owner.call('terminate', { agreement: asked.agreement, reason: '改为逐次审批' })
  const again = await consumer.call<{ agreement?: string; state: string }>('request', { dataset, purpose: PURPOSE })
  t.equal(again.state, 'REQUESTED', 'the conditional path')
  t.equal(again.agreement, undefined)
  assertConsistent(network)
})

t.test(
  'the hub stops: pulls go on, also at a node that was restarted; it comes back: all goes on by itself',
  async (t) => {
    await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
    const owner = network.node('alice')
    const consumer = network.node('ministry')
    const { dataset } = await publish(owner, 'output.csv', TABLE, metaOf('output'))
    const agreement = await agree(network, consumer, owner, dataset)
    await pull(consumer, agreement)

    await network.hub.stop()
    await owner.stop()
    await owner.start()
    t.equal((await pull(consumer, agreement)).contents[0]?.toString(), TABLE, 'without the hub')
    t.equal(await refusalOf(() => consumer.call('search', { words: '数据' })), 'HUB_UNREACHABLE')
    const queued = await publish(owner, 'output.csv', `${TABLE}2026-03,14\n`, metaOf('output'))
    t.equal(queued.state, 'queued')

    await network.hub.start()
    await eventually(
      async () => {
        const all = await owner.call<{ dataset: string; state: string; version: number }[]>('datasets')
        return all.some((one) => one.dataset === dataset && one.state === 'published' && one.version === 2)
      },
      'the queued entry is published',
      200,
    )
    assertConsistent(network)
  },
)
