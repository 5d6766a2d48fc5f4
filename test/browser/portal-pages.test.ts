/** Every page of the portal, found by walking its links: accessible, quiet, within the screen. */
import t from 'tap'
import { walk } from './crawl.ts'
import { openFurnished } from './furnish.ts'
import { CHROMIUM } from './open-browser.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'

t.test('every page of the portal', { skip }, async (t) => {
  await using scene = await openFurnished()
  const { network, browser, portal } = scene
  await t.test('in Chinese', async (t) => {
    const page = await browser.open(`${portal}/`)
    const from = ['/', '/datasets?words=zzzz', `/datasets/${network.node('bob').id}/gone`]
    const seen = await walk(t, page, { from, skip: /^\/en\// })
    for (const path of ['/datasets', '/members/*', '/datasets/*/workforce', '/statistics', '/trust', '/about'])
      t.ok(seen.includes(path), `${path} is led to`)
    t.comment(seen.join(' '))
    await page.context().close()
  })
  await t.test('in English', async (t) => {
    const page = await browser.open(`${portal}/en/`)
    // The texts are as long in both languages and made alike.
    const seen = await walk(t, page, { from: ['/en/'], skip: /^(?!\/en\/)|\/(guides|standards)\/\w/ })
    t.ok(seen.length > 8 && seen.every((path) => path.startsWith('/en/')), 'English leads to English')
    await page.context().close()
  })
  t.same(browser.complaints, [])
})
