import { agree, metaOf, publish, pull } from '../kit/act.ts'
import { openScene, publishMonthly, type Scene } from './scene.ts'

/** A network in which every page has something to show: published, withdrawn, asked for, agreed, pulled. */
export async function openFurnished(): Promise<Scene> {
  const scene = await openScene(['alice', 'bob', 'ministry'])
  const { network } = scene
  const [alice, bob, ministry] = [network.node('alice'), network.node('bob'), network.node('ministry')]
  const dataset = await publishMonthly(alice, 'workforce', '制造业月度从业人数（模拟数据）')
  const open = await publishMonthly(bob, 'cement', '水泥行业月度产量（模拟数据）', { sharing: 'unconditional' })
  // A title shorter than the badges beside it.
  await publish(bob, 'prices.csv', '月份,价格\n2026-01,1\n', metaOf('prices', { title: { zh: '价格' } }))
  await publish(bob, 'gone.csv', 'a\n1\n', metaOf('gone'))
  await bob.call('withdraw', { dataset: 'gone', reason: '口径调整' })
  await pull(ministry, await agree(network, ministry, alice, dataset))
  await ministry.call('request', { dataset, purpose: '等待答复的申请' })
  await ministry.call('request', { dataset: open, purpose: '无条件' })
  const code = { class: 'association', member: '51100000PDY000036X', name: '示例协会丙', as: 'Wang' }
  await network.hub.call('code', code)
  return scene
}
