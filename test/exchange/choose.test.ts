import t from 'tap'
import { refusalOf } from '../kit/act.ts'
import { createExchangeWorld, makeAgreement } from '../kit/exchange-world.ts'

t.test('by dataset, an agreement that the owner serves goes before one of an open offer that has ended', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': Buffer.from('产量,1\n') })
  const [ended, sibling, agreed] = [
    makeAgreement(world, entry),
    makeAgreement(world, entry),
    makeAgreement(world, entry, { sharing: 'conditional', terms: { until: '2098-12-31T16:00:00Z' } }),
  ]
  const codeOf = (target: string) => refusalOf(() => consumer.pull(target))
  const dataset = `${owner.member.id}/output`
  for (const node of [owner, consumer]) {
    node.learn(ended, { state: 'TERMINATED', cause: 'terminated', endedBy: 'owner' })
    node.learn(sibling)
  }
  t.equal(await codeOf(dataset), 'AGREEMENT_TERMINATED')
  for (const node of [owner, consumer]) node.learn(agreed)
  t.equal(await codeOf(sibling.id), 'AGREEMENT_TERMINATED')
  const pulled = (await consumer.pull(dataset)) as unknown as { readonly agreement: string }
  t.equal(pulled.agreement, agreed.id)
})
