import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Party } from '../kit/start-network.ts'
import type { WatchedBrowser } from './open-browser.ts'

/** Opens the one-time link that `hub console` or `node console` prints, and enters by it. */
export async function enterByLink(
  browser: WatchedBrowser,
  party: Party,
  as: string,
  options: BrowserContextOptions & { readonly en?: boolean } = {},
): Promise<Page> {
  const { en = false, ...context } = options
  const { url } = await party.call<{ url: string }>('console', { as })
  const page = await browser.open(en ? url.replace('/enter?', '/en/enter?') : url, context)
  await page.getByRole('button', { name: en ? 'Enter' : '进入', exact: true }).click()
  await page.locator('form[action$="/leave"]').waitFor()
  return page
}
