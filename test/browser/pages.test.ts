/** Every page of the portal and of the consoles, found by walking their links: accessible, quiet, within the screen. */
import t from 'tap'
import { agree, metaOf, publish, pull } from '../kit/act.ts'
import { walk } from './crawl.ts'
import { enterByLink } from './enter.ts'
import { CHROMIUM } from './open-browser.ts'
import { openScene, publishMonthly } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
const ROLES = ['registrar', 'approver', 'auditor', 'administrator'] as const

t.test('every page', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'bob', 'ministry'])
  const { network, browser, portal } = scene
  const [alice, bob, ministry] = [network.node('alice'), network.node('bob'), network.node('ministry')]
  const dataset = await publishMonthly(alice, 'workforce', '制造业月度从业人数（模拟数据）')
  const open = await publishMonthly(bob, 'cement', '水泥行业月度产量（模拟数据）', { sharing: 'unconditional' })
  await publish(bob, 'gone.csv', 'a\n1\n', metaOf('gone'))
  await bob.call('withdraw', { dataset: 'gone', reason: '口径调整' })
  const agreement = await agree(network, ministry, alice, dataset)
  await pull(ministry, agreement)
  await ministry.call('request', { dataset, purpose: '等待答复的申请' })
  await ministry.call('request', { dataset: open, purpose: '无条件' })
  for (const role of ROLES) await network.hub.call('operator-add', { name: `a ${role}`, role })
  await network.hub.call('code', { class: 'association', member: '51100000PDY000036X', name: '示例协会丙', as: 'Wang' })

  await t.test('of the portal', async (t) => {
    const page = await browser.open(`${portal}/`)
    const seen = await walk(t, page, {
      from: ['/', '/datasets?words=zzzz', `/datasets/${bob.id}/gone`],
      skip: /^\/en\//,
    })
    for (const path of ['/datasets', '/members/*', '/datasets/*/workforce', '/statistics', '/trust', '/about'])
      t.ok(seen.includes(path), `${path} is led to`)
    t.comment(seen.join(' '))
    await page.context().close()
  })
  await t.test('of the portal in English', async (t) => {
    const page = await browser.open(`${portal}/en/`)
    const seen = await walk(t, page, { from: ['/en/'], skip: /^(?!\/en\/)|\/(guides|standards)\/\w/ })
    t.ok(seen.length > 8 && seen.every((path) => path.startsWith('/en/')), 'English leads to English')
    await page.context().close()
  })
  for (const role of ROLES)
    await t.test(`of the operators' console, for the ${role}`, async (t) => {
      const page = await enterByLink(browser, network.hub, `a ${role}`)
      t.comment((await walk(t, page, { from: ['/'], skip: /^\/en\// })).join(' '))
      await page.context().close()
    })
  for (const who of ['alice', 'ministry'] as const)
    await t.test(`of the node's console, at ${who}`, async (t) => {
      const page = await enterByLink(browser, network.node(who), '王敏')
      t.comment((await walk(t, page, { from: ['/'], skip: /^\/en\// })).join(' '))
      await page.context().close()
    })
  t.same(browser.complaints, [])
})
