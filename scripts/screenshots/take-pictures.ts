import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { findLinks, openPage, shapeOf } from './find-pages.ts'

const WIDTHS = [1280, 390] as const
/** Of these also in the dark. */
const DARK = new Set(['/', '/datasets', '/statistics', '/requests', '/pulls', '/members'])

/** Where pictures go and how the site is called in their names. */
export interface Album {
  readonly folder: string
  readonly site: string
}

/** One page, wide and narrow, whole height. */
export async function takePictures(page: Page, { folder, site }: Album, name: string): Promise<void> {
  const file = `${site}-${
    name
      .replaceAll('*', 'one')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'home'
  }`
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    await shoot(page, join(folder, `${file}-${width}.png`))
  }
  if (!DARK.has(name)) return
  await page.emulateMedia({ colorScheme: 'dark' })
  await shoot(page, join(folder, `${file}-390-dark.png`))
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Chromium now and then gives up on a picture while the machine is busy. */
async function shoot(page: Page, path: string): Promise<void> {
  for (let left = 3; ; left--) {
    try {
      await page.screenshot({ path, fullPage: true })
      return
    } catch (error) {
      if (left === 0) throw error
    }
  }
}

/** Every page that links lead to from `from`, one of each shape. `only`: paths to keep to. Returns how many. */
export async function pictureSite(page: Page, album: Album, from: readonly string[], only: RegExp): Promise<number> {
  const { origin } = new URL(page.url())
  const waiting = from.map((path) => `${origin}${path}`)
  const seen = new Set<string>()
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    const shape = shapeOf(url)
    if (seen.has(shape) || !only.test(shape)) continue
    seen.add(shape)
    if ((await openPage(page, url)) === undefined) continue
    await takePictures(page, album, shape)
    waiting.push(...(await findLinks(page)))
  }
  return seen.size
}
