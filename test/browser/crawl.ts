import type { Page } from 'playwright-core'
import type { Test } from 'tap'
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
    const answer = await open(page, url)
    if (answer === 'download') continue
    t.ok([200, 410].includes(answer?.status() ?? 0), `${shape}: answers`)
    await look(t, page, shape)
    waiting.push(...(await linksOf(page)).filter((one) => one.startsWith(`${origin}/`)))
  }
  t.ok(seen.size < most, 'the walk came to its end')
  return [...seen]
}

async function open(page: Page, url: string) {
  try {
    return await page.goto(url)
  } catch (error) {
    if (error instanceof Error && error.message.includes('Download is starting')) return 'download'
    throw error
  }
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

/** Links of a page to pages; downloads, feeds and machine formats left out. */
async function linksOf(page: Page): Promise<string[]> {
  const all = await page
    .locator('a[href]:not([download])')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  return all
    .map((href) => href.replace(/#.*$/, ''))
    .filter(
      (href) =>
        !/\.(json|atom|xml|csv|txt|zip)(\?|$)|\/(api|v1|catalog|crl|assets|\.well-known)(\/|\?|$)/.test(
          new URL(href).pathname,
        ),
    )
}

/** `/members/51…X3?class=2` is `/members/*?class`. */
function shapeOf(url: string): string {
  const { pathname, searchParams } = new URL(url)
  const path = pathname
    .split('/')
    .map((part) => (/^[0-9A-Z]{18}$|^[0-9a-f]{16,}$|^[0-9a-f-]{36}$|^\d+$/.test(part) ? '*' : part))
    .join('/')
  const names = [...new Set(searchParams.keys())].filter((name) => !NARROWING.has(name)).toSorted()
  return names.length === 0 ? path : `${path}?${names.join('&')}`
}

/** Facets and orders: the same page with other rows. */
const NARROWING = new Set([
  'sort',
  'cursor',
  'class',
  'theme',
  'industry',
  'region',
  'member',
  'sharing',
  'periodicity',
])

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
