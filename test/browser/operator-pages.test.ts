/** Every page of the operators' console, found by walking its links as each role: accessible, quiet, within the screen. */
import t from 'tap'
import { checkOnce, walk } from './crawl.ts'
import { enterByLink } from './enter.ts'
import { openFurnished } from './furnish.ts'
import { CHROMIUM } from './open-browser.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
const ROLES = ['registrar', 'approver', 'auditor', 'administrator'] as const

t.test("every page of the operators' console", { skip }, async (t) => {
  await using scene = await openFurnished()
  const { network, browser } = scene
  const look = checkOnce()
  for (const role of ROLES)
    await t.test(`for the ${role}`, async (t) => {
      await network.hub.call('operator-add', { name: `a ${role}`, role })
      const page = await enterByLink(browser, network.hub, `a ${role}`)
      t.comment((await walk(t, page, { from: ['/'], skip: /^\/en\//, look })).join(' '))
      await page.context().close()
    })
  t.same(browser.complaints, [])
})
