/** A request on its whole way through three consoles in a real browser, to a table and a chart. */
import t from 'tap'
import { eventually } from '../kit/start-network.ts'
import { enterByLink } from './enter.ts'
import { CHROMIUM, checkPage } from './open-browser.ts'
import { consoleOf, openScene, publishMonthly } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
const TITLE = '制造业月度从业人数（模拟数据）'
const PURPOSE = '行业运行监测，供季度分析使用'

t.test('asked for, consented to, approved with a certificate, pulled, drawn', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'ministry'], { certificate: true })
  const { network, browser } = scene
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  await publishMonthly(alice, 'workforce', TITLE)

  const consumer = await enterByLink(browser, ministry, '陈数')
  await consumer.getByRole('link', { name: '查找数据' }).first().click()
  await consumer.getByRole('searchbox').fill('从业人数')
  await consumer.getByRole('button', { name: '搜索', exact: true }).click()
  await checkPage(t, consumer, 'finding')
  await consumer.locator('.result-list').getByRole('link', { name: TITLE }).click()
  await checkPage(t, consumer, 'a dataset found')
  await consumer.getByRole('link', { name: '申请', exact: true }).click()
  await consumer.getByLabel('用途').fill(PURPOSE)
  await consumer.getByRole('checkbox', { name: /^已阅读上述条款/ }).check()
  await checkPage(t, consumer, 'the form of a request')
  await consumer.getByRole('button', { name: '签名并提交申请' }).click()
  await consumer.waitForURL(/\/requests\/\w+$/)
  await checkPage(t, consumer, 'the case at the consumer')
  const [request] = await ministry.call<{ request: string }[]>('requests', { outgoing: true })
  await eventually(
    async () => (await alice.call<unknown[]>('requests', { incoming: true })).length === 1,
    'the owner hears of the request',
  )

  const owner = await enterByLink(browser, alice, '王敏')
  await owner
    .getByRole('link', { name: /^申请与协议/ })
    .first()
    .click()
  await owner.locator('main').getByRole('link', { name: TITLE }).first().click()
  t.match(await owner.locator('main').textContent(), PURPOSE, 'the purpose is read before consent')
  await checkPage(t, owner, 'the case at the owner')
  await owner.getByRole('button', { name: '同意' }).first().click()
  await owner.getByText('已同意并以本单位名义签署').waitFor()

  const { pkcs12, passphrase } = await network.hub.call<{ pkcs12: string; passphrase: string }>('export-p12', {
    operator: 'Li',
  })
  const origin = consoleOf(network.hub)
  t.match(origin, /^https:/)
  await eventually(
    async () => (await network.hub.call<unknown[]>('queue')).length === 3,
    'the agreement is in the queue',
  )
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true })
  await t.rejects((await stranger.newPage()).goto(origin), 'nobody enters without a certificate')
  const operator = await browser.open(`${origin}/`, {
    ignoreHTTPSErrors: true,
    clientCertificates: [{ origin, pfx: Buffer.from(pkcs12, 'base64'), passphrase }],
  })
  await operator
    .getByRole('table', { name: '等您办理' })
    .getByRole('link', { name: new RegExp(TITLE) })
    .click()
  t.match(await operator.locator('main').textContent(), PURPOSE)
  await checkPage(t, operator, 'the case at the hub')
  await operator.getByRole('button', { name: '同意', exact: true }).click()
  await operator.waitForURL(/\/(agreements\/\w+)?$/)
  await eventually(async () => {
    const all = await ministry.call<{ state: string }[]>('agreements')
    return all.some(({ state }) => state === 'FINALIZED')
  }, 'the consumer hears that the agreement runs')

  await consumer.goto(`${consoleOf(ministry)}/requests/${request?.request}`)
  await consumer.getByRole('link', { name: '去调取' }).click()
  await checkPage(t, consumer, 'what may be pulled')
  await consumer.getByRole('button', { name: '取最新一版' }).click()
  await consumer.waitForURL(/\/pulls\/[\w-]+$/)
  t.match(await consumer.locator('main').textContent(), '1 / 1 个文件逐块核对哈希')
  await checkPage(t, consumer, 'what came')
  await consumer.getByRole('link', { name: '打开', exact: true }).click()
  t.match(await consumer.locator('main table').first().textContent(), /2023-01\s*12002/)
  await checkPage(t, consumer, 'the table')
  await consumer.getByRole('link', { name: '图', exact: true }).click()
  const chart = consumer.locator('figure svg').first()
  await chart.waitFor()
  t.ok(await chart.isVisible())
  await checkPage(t, consumer, 'the chart')
  const saving = consumer.waitForEvent('download')
  await consumer.getByRole('link', { name: '存为 Excel' }).click()
  t.match((await saving).suggestedFilename(), /\.xlsx$/)
  t.same(browser.complaints, [])
})
