import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { findProgram } from '../../scripts/test-programs.ts'

/** Where Debian puts it; undefined: the tests that need it are skipped by name. */
export const CHROMIUM = findProgram('chromium')

/** A browser and everything it complained about: console errors, policy reports, requests to elsewhere, dialogs. */
export interface WatchedBrowser extends AsyncDisposable {
  readonly browser: Browser
  readonly complaints: string[]
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>
  /** A page of a context of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const DESK = { width: 1280, height: 900 } as const
export const PHONE = { width: 390, height: 844 } as const

/** Starts Chromium. `own`: origins that pages may fetch from. */
export async function openBrowser(own: readonly string[]): Promise<WatchedBrowser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox'] })
  const complaints: string[] = []
  const newContext = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: DESK, locale: 'zh-CN', reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(20_000)
    context.on('page', (page) => watch(page, own, complaints))
    return context
  }
  return {
    browser,
    complaints,
    newContext,
    async open(url, options) {
      const page = await (await newContext(options)).newPage()
      await page.goto(url)
      return page
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** What a page must never do; `document.securitypolicyviolation` reaches the console as an error. */
function watch(page: Page, own: readonly string[], complaints: string[]): void {
  const note = (text: string) => complaints.push(`${new URL(page.url(), 'http://none').pathname}: ${text}`)
  page.on('console', (message) => message.type() === 'error' && !isRefusedPage(message.text()) && note(message.text()))
  page.on('pageerror', (error) => note(error.message))
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const { origin } = new URL(request.url())
    if (!own.includes(origin)) note(`request to ${origin}`)
  })
}

/** A page that answers 4xx by design is told to the console by the browser itself. */
function isRefusedPage(text: string): boolean {
  return /Failed to load resource.*status of (400|403|404|409|410|422)/.test(text)
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** axe-core's verdict on a page as it stands, by all rules or those named: one line per violation. It comes in by the debugger, past the content policy. */
export async function findViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe)
  const options = { resultTypes: ['violations'], ...(rules !== undefined && { runOnly: rules }) }
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`)
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => node.html.slice(0, 160))
    return `${id}: ${help}: ${where.join(' | ')}`
  })
}

/** The page is sound for everyone: no violation, and nothing beyond the edge of the screen. */
export async function checkPage(t: Test, page: Page, name: string): Promise<void> {
  t.same(await findViolations(page), [], `${name}: accessible`)
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    t.ok(over <= 0, `${name}: nothing sticks out at ${viewport.width} px`)
  }
}
