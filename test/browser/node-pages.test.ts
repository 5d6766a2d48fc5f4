/** Every page of a node's console, found by walking its links at an owner and at a consumer: accessible, quiet, within the screen. */
import t from 'tap'
import { walk } from './crawl.ts'
import { enterByLink } from './enter.ts'
import { openFurnished } from './furnish.ts'
import { CHROMIUM } from './open-browser.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'

t.test("every page of a node's console", { skip }, async (t) => {
  await using scene = await openFurnished()
  const { network, browser } = scene
  for (const who of ['alice', 'ministry'] as const)
    await t.test(`at ${who}`, async (t) => {
      const page = await enterByLink(browser, network.node(who), '王敏')
      const seen = await walk(t, page, { from: ['/'], skip: /^\/en\// })
      for (const path of ['/publish', '/datasets', '/find', '/requests', '/pulls', '/receipts', '/health'])
        t.ok(seen.includes(path), `${path} is led to`)
      t.comment(seen.join(' '))
      await page.context().close()
    })
  t.same(browser.complaints, [])
})
