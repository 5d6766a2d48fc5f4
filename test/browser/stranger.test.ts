/** The portal as a stranger finds it, in a real browser. */
import t from 'tap'
import { eventually } from '../kit/start-network.ts'
import { CHROMIUM, checkPage } from './open-browser.ts'
import { openScene, publishMonthly } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
/** HTML, style and scripts of a page as they travel. */
const MOST_BYTES = 60 * 1024

t.test('a stranger searches, reads a dataset, checks its signature, follows a feed', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'bob'])
  const { network, browser, portal } = scene
  const [alice, bob] = [network.node('alice'), network.node('bob')]
  const dataset = await publishMonthly(alice, 'workforce', '制造业月度从业人数（模拟数据）')
  await publishMonthly(bob, 'cement', '水泥行业月度从业人数（模拟数据）', {
    sharing: 'unconditional',
    theme: 'production',
  })
  await eventually(async () => {
    const { items } = (await (await fetch(`${portal}/api/v1/datasets?words=%E4%BB%8E%E4%B8%9A`)).json()) as {
      items: unknown[]
    }
    return items.length === 2
  }, 'both are in the index')

  await t.test('by words, a suggestion taken with the keyboard, and a facet', async (t) => {
    const page = await browser.open(`${portal}/`)
    const field = page.getByRole('combobox', { name: '搜索数据集、协会、关键词' })
    await field.pressSequentially('制造业')
    const option = page.getByRole('option', { name: '制造业月度从业人数（模拟数据）' })
    await option.waitFor()
    await field.press('ArrowDown')
    t.equal(await option.getAttribute('aria-selected'), 'true')
    t.equal(await field.getAttribute('aria-activedescendant'), await option.getAttribute('id'))
    await field.press('Enter')
    await page.waitForURL(`${portal}/datasets/${dataset}`)

    await page.goto(`${portal}/`)
    await page.getByRole('combobox').fill('从业人数')
    await page.getByRole('button', { name: '搜索', exact: true }).click()
    await page.getByText('共 2 个数据集').waitFor()
    await checkPage(t, page, 'a search')
    await page
      .locator('.facets')
      .getByRole('link', { name: /有条件共享/ })
      .click()
    await page.getByText('共 1 个数据集').waitFor()
    t.match(new URL(page.url()).search, 'sharing=conditional', 'the address keeps the search')
    await page.locator('.result-list').getByRole('link', { name: '制造业月度从业人数（模拟数据）' }).click()
    t.equal(new URL(page.url()).pathname, `/datasets/${dataset}`)
    await page.context().close()
  })

  await t.test('fields, sample, signature in one click, feed', async (t) => {
    const page = await browser.open(`${portal}/datasets/${dataset}`)
    t.match(await page.getByRole('table', { name: '信息项' }).textContent(), '从业人数（千人）')
    const sample = page.locator('section', { has: page.getByRole('heading', { name: '公开样例' }) })
    t.match(await sample.getByRole('table').first().textContent(), /2023-01[\s\S]*12002/)
    t.ok(await sample.locator('svg').first().isVisible(), 'the sample is drawn as well')
    await page.getByRole('button', { name: '核验签名' }).click()
    await page.getByText('核验通过').waitFor()
    await page.goBack()
    const feeds = page.locator('link[rel=alternate][type="application/atom+xml"]')
    const feed = await page.request.get(new URL((await feeds.first().getAttribute('href')) as string, portal).href)
    t.match(await feed.text(), '制造业月度从业人数（模拟数据）')
    await page.context().close()
  })

  await t.test('without scripts: the search answers, the sample is drawn, a document is verified', async (t) => {
    const page = await browser.open(`${portal}/`, { javaScriptEnabled: false })
    await page.getByRole('searchbox').fill('制造业')
    await page.getByRole('button', { name: '搜索', exact: true }).click()
    await page.locator('.result-list').getByRole('link', { name: '制造业月度从业人数（模拟数据）' }).click()
    t.ok(await page.locator('figure svg').first().isVisible())
    const proof = await page.request.get(`${portal}/datasets/${dataset}/proof.json`)
    await page.goto(`${portal}/trust`)
    const files = { name: 'workforce.proof.json', mimeType: 'application/json', buffer: await proof.body() }
    await page.getByLabel('证明文件、签名文件').setInputFiles(files)
    await page.getByRole('button', { name: '核验', exact: true }).click()
    const verdict = page.locator('#verdict')
    await verdict.waitFor()
    t.match(await verdict.textContent(), '核验通过：workforce.proof.json')
    t.match(page.url(), /\/trust#verdict$/)
    await page.context().close()
  })

  await t.test('home and search weigh little, and fetch nothing from elsewhere', async (t) => {
    for (const path of ['/', '/datasets?words=%E4%BB%8E%E4%B8%9A', '/en/', '/en/datasets']) {
      const page = await browser.open('about:blank')
      const inspector = await page.context().newCDPSession(page)
      const types = new Map<string, string>()
      let bytes = 0
      await inspector.send('Network.enable')
      inspector.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type))
      inspector.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (['Document', 'Stylesheet', 'Script'].includes(types.get(requestId) ?? '')) bytes += encodedDataLength
      })
      await page.goto(`${portal}${path}`, { waitUntil: 'networkidle' })
      t.ok([...types.values()].includes('Stylesheet') && bytes > 0, `${path}: measured`)
      t.ok(bytes <= MOST_BYTES, `${path}: ${bytes} bytes with headers`)
      t.comment(`${path}: ${bytes} bytes`)
      await page.context().close()
    }
  })
  t.same(browser.complaints, [])
})
