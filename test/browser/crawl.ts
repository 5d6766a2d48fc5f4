import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { findLinks, openPage, shapeOf } from '../../scripts/screenshots/find-pages.ts'
import { DESK, findViolations, PHONE } from './open-browser.ts'

/** Where a walk begins, what it leaves alone, and how many pages of one shape it looks at. */
export interface Walk {
  readonly from: readonly string[]
  readonly skip?: RegExp
  readonly most?: number
  /** What each page is looked at for; by default that it is sound for everyone. */
  readonly look?: (t: Test, page: Page, shape: string) => Promise<void>
}

/**
 * Walks the links of a site from page to page of the same origin, so that a page that is new is looked at too. Pages that
 * differ only in ids or query values count as one shape, of which the first is looked at. Returns the shapes seen.
 */
export async function walk(
  t: Test,
  page: Page,
  { from, skip, most = 60, look = checkSound }: Walk,
): Promise<readonly string[]> {
  const { origin } = new URL(page.url())
  const waiting = from.map((path) => new URL(path, origin).href)
  const seen = new Set<string>()
  for (let url = waiting.shift(); url !== undefined && seen.size < most; url = waiting.shift()) {
    const shape = shapeOf(url)
    if (seen.has(shape) || skip?.test(shape)) continue
    seen.add(shape)
    const answer = await openPage(page, url)
    if (answer === undefined) continue
    t.ok([200, 410].includes(answer.status), `${shape}: answers`)
    await look(t, page, shape)
    waiting.push(...(await findLinks(page)))
  }
  t.ok(seen.size < most, 'the walk came to its end')
  return [...seen]
}

/** Light and dark without a violation, one heading of the first level, nothing sticks out at either width. */
export async function checkSound(t: Test, page: Page, name: string): Promise<void> {
  const problems = await findViolations(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  // Nothing but colours differs in the dark.
  problems.push(...(await findViolations(page, ['color-contrast'])).map((one) => `dark: ${one}`))
  await page.emulateMedia({ colorScheme: 'light' })
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (over > 0) problems.push(`${over} px beyond the edge at ${viewport.width} px`)
  }
  const headings = await page.locator('h1').count()
  if (headings !== 1) problems.push(`${headings} headings of the first level`)
  t.same(problems, [], `${name}: sound`)
}

/** As {@link checkSound}, but once for pages that are made of the same parts, as those of the other roles mostly are. */
export function checkOnce(): typeof checkSound {
  const known = new Set<string>()
  return async (t, page, name) => {
    const parts = await page
      .locator('body *')
      .evaluateAll((all) => [
        ...new Set(
          all.map(
            ({ localName, attributes }) =>
              `${localName} ${[...attributes].map(({ name }) => name)} ${attributes.getNamedItem('class')?.value}`,
          ),
        ),
      ])
    const made = `${name} ${parts.toSorted().join('\n')}`
    if (known.has(made)) return
    known.add(made)
    await checkSound(t, page, name)
  }
}
