/** The overview says what the command line says, and nothing that waits for somebody else. */
import t from 'tap'
import { agree, metaOf, PURPOSE, publish, pull } from '../kit/act.ts'
import { CODES, eventually, type Network, type Party, REGISTRAR, startNetwork } from '../kit/start-network.ts'
import { enterConsole, textOf } from '../operator/operator-visitor.ts'

const DATASET = `${CODES.alice.uscc}/monthly`

async function enter(node: Party) {
  const staff = await enterConsole((name, args) => node.call(name, args) as Promise<{ url: string }>, '王敏')
  return { ...staff, read: async (path: string) => textOf((await staff.get(path)).body) }
}

t.test('what waits for a person, with its number; what went out and came in; what is due', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const [owner, consumer] = [await enter(alice), await enter(ministry)]
  const quiet = await owner.read('/')
  t.match(quiet, /示例协会甲.*没有等您处理的事.*还没有人调取过.*还没有取得过数据/)
  t.match(quiet, /(29|30) 天 证书剩余/)
  await eventually(async () => /已连接 共享中心/.test(await owner.read('/')), 'the hub is heard')

  const meta = metaOf('monthly', { periodicity: 'monthly', period: { from: '2020-01', to: '2020-01' } })
  await publish(alice, 'a.csv', 'x\n1\n', meta)
  const late = await owner.read('/')
  const [listed] = await alice.call<{ daysLate: number }[]>('datasets')
  t.match(late, `已逾期 ${listed?.daysLate} 天`, 'the number is that of the command line')

  const { request } = await ministry.call<{ request: string }>('request', { dataset: DATASET, purpose: PURPOSE })
  await eventually(async () => (await owner.read('/')).includes('1 份数据申请等您答复'), 'the owner is told')
  t.notMatch(await consumer.read('/'), '等您答复', 'the consumer has nothing to do')
  await t.rejects(alice.call('counter', { request }), { code: 'BODY_INVALID' }, 'an offer of the same says nothing')
  await alice.call('counter', { request, pulls: 3 })
  await eventually(
    async () => (await consumer.read('/')).includes('1 份对方提出的条件等您答复'),
    'the consumer is told of the offer',
  )
  t.notMatch(await owner.read('/'), '等您答复', 'now it waits for the other side')
  t.match(await owner.read('/en/'), 'Nothing waits for you')
})

t.test('without the hub the page says what still works, and does not wait for it', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice'] })
  const staff = await enter(network.node('alice'))
  await network.hub.stop()
  await eventually(
    async () => (await staff.read('/')).includes('与共享中心的连接中断'),
    'the connection is seen to be gone',
  )
  const away = await staff.read('/')
  t.match(away, '已有的授权在有效期内照常调取')
  t.match(away, '未连接 共享中心')
  network.shift(2 * 3_600)
  t.match(await staff.read('/'), '进入控制台', 'rested too long: the session is over')
  const again = await enter(network.node('alice'))
  t.match(await again.read('/'), '状态列表已过时')
})

t.test('the consumer is told what is new, what is used up, and what was withdrawn', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const consumer = await enter(ministry)
  const fresh = '1 份数据有新版本或还没取过'
  await publish(alice, 'a.csv', 'x\n1\n', metaOf('monthly'))
  const agreement = await agree(network, ministry, alice, DATASET, { pulls: 2 })
  const { request } = (await ministry.call<{ request: string }[]>('requests', { outgoing: true }))[0] ?? { request: '' }
  await eventually(async () => (await consumer.read('/')).includes(fresh), 'nothing is here yet')
  await pull(ministry, agreement)
  t.notMatch(await consumer.read('/'), fresh)
  t.match(
    await consumer.read('/pulls'),
    /共 2 次，还剩 1 次.*已取第 1 版 打开已取的这一版 再取一次… 第 1 版已在本节点。再取会用掉 1 次/,
  )

  await publish(alice, 'a.csv', 'x\n1\n2\n', metaOf('monthly'))
  network.shift(120)
  const later = await enter(ministry)
  await eventually(async () => (await later.read('/')).includes(fresh), 'version 2 is news')
  await pull(ministry, agreement)
  t.match(await later.read('/pulls'), /还剩 0 次.*次数已用完 再申请/)
  t.notMatch(await later.read('/'), fresh)

  await alice.call('withdraw', { dataset: DATASET, reason: '口径变更' })
  network.shift(120)
  await eventually(async () => (await later.read('/pulls')).includes('提供方已撤回'), 'no pull is offered')
  t.match(await later.read('/requests?direction=outgoing'), /已生效 数据集已撤回/)
  t.match(await later.read(`/requests/${request}`), '提供方已撤回这个数据集，不能再调取')
})

t.test('a revoked provider is named where its data are; its own console says what it is', async (t) => {
  await using network: Network = await startNetwork({ nodes: ['alice', 'bob', 'ministry'] })
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const [owner, consumer] = [await enter(alice), await enter(ministry)]
  const other = await enter(network.node('bob'))
  await publish(alice, 'a.csv', 'x\n1\n', metaOf('monthly'))
  await agree(network, ministry, alice, DATASET)
  await eventually(async () => (await consumer.read('/')).includes('有新版本或还没取过'), 'it may be pulled')
  await network.hub.call('revoke', { id: CODES.alice.uscc, as: REGISTRAR, reason: '违反章程' })
  await eventually(async () => (await consumer.read('/members')).includes('已吊销'), 'the directory says so')

  t.match(await consumer.read('/pulls'), '提供方已吊销')
  t.notMatch(await consumer.read('/pulls'), '取最新一版', 'what cannot work is not offered')
  t.notMatch(await consumer.read('/'), '有新版本或还没取过')
  t.match(await consumer.read(`/find/${DATASET}`), '提供方示例协会甲的成员资格已吊销')
  const unknown = await other.get(`/find/${DATASET}`)
  t.equal(unknown.status, 200, 'also where nothing of it is known')
  t.match(textOf(unknown.body), '提供方示例协会甲的成员资格已吊销')
  t.equal((await other.get(`/find/${DATASET}/apply`)).headers['location'], `/find/${DATASET}`)

  await eventually(async () => (await owner.read('/')).includes('本单位的成员资格或证书已吊销'), 'the revoked is told')
  const own = await owner.read('/')
  t.notMatch(own, '照常调取')
  const { checks } = await alice.call<{ checks: { name: string; ok: boolean }[] }>('doctor')
  t.same(checks.filter(({ name, ok }) => !ok && /membership|certificates/.test(name)).length, 2)
})
