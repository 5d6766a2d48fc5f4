import type { Page } from 'playwright-core'

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
/** Downloads, feeds and what machines read. */
const NO_PAGE = /\.(json|atom|xml|csv|txt|zip)$|\/(api|v1|catalog|crl|assets|\.well-known)(\/|$)/

/** What a page leads to within its own site, without fragments; only what is a page itself. */
export async function findLinks(page: Page): Promise<string[]> {
  const { origin } = new URL(page.url())
  const all = await page
    .locator('a[href]:not([download])')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  return all
    .map((href) => href.replace(/#.*$/, ''))
    .filter((href) => href.startsWith(`${origin}/`) && !NO_PAGE.test(new URL(href).pathname))
}

/** What pages that differ only in ids or rows have in common: `/members/51…X3?class=2` is `/members/*`. */
export function shapeOf(url: string): string {
  const { pathname, searchParams } = new URL(url)
  const path = pathname
    .split('/')
    .map((part) => (/^[0-9A-Z]{18}$|^[0-9a-f]{16,}$|^[0-9a-f-]{36}$|^\d+$/.test(part) ? '*' : part))
    .join('/')
  const names = [...new Set(searchParams.keys())].filter((name) => !NARROWING.has(name)).toSorted()
  return names.length === 0 ? path : `${path}?${names.join('&')}`
}

/** Goes to an address; `undefined` where it is a file to save and no page. */
export async function openPage(page: Page, url: string): Promise<{ readonly status: number } | undefined> {
  try {
    return { status: (await page.goto(url))?.status() ?? 0 }
  } catch (error) {
    if (error instanceof Error && error.message.includes('Download is starting')) return undefined
    throw error
  }
}
