import type { Page } from 'playwright-core'

/** Elements that our pages are made of, charts included. */
const OURS = `a article aside body br button caption circle code dd del details div dl dt em fieldset figcaption figure footer form
g h1 h2 h3 h4 h5 h6 head header hr html input label legend li line link main meta nav ol optgroup option p path polygon polyline pre
progress meter rect script section select small span strong summary svg table tbody td text textarea th thead time title tr tspan ul
kbd sup sub defs clippath clipPath mark`

/**
 * Finds what somebody else's text would have made of a page: unknown elements, handlers, styles, addresses with a scheme that
 * runs or leads elsewhere, scripts that are not files of ours. A function of the browser: it knows nothing of this module.
 */
const FIND = `(root) => {
  const ours = new Set(${JSON.stringify(OURS.split(/\s+/))})
  const found = []
  for (const element of root.querySelectorAll('*')) {
    if (element.localName === 'img' && element.getAttribute('src')?.startsWith('/assets/icon.svg?')) continue
    const shown = element.outerHTML.slice(0, 120)
    if (!ours.has(element.localName)) found.push('element: ' + shown)
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || name === 'style' || name === 'srcdoc' || name === 'http-equiv') found.push(name + ': ' + shown)
      if (/^(href|src|action|formaction|xlink:href|data)$/.test(name) && /^\\s*(javascript|data|vbscript):|^\\s*\\/\\//i.test(value))
        found.push(name + ': ' + shown)
    }
    if (element.localName === 'script' && !/^\\/assets\\/[a-z-]+\\.js(\\?[\\w=-]*)?$/.test(element.getAttribute('src') ?? ''))
      found.push('script: ' + shown)
  }
  return found
}`

/** Of the page as it stands. */
export function findForeign(page: Page): Promise<string[]> {
  return page.evaluate(`(${FIND})(document)`)
}

/** What a page says, and what it holds that is not ours, as Chromium parses it without opening it. */
export interface Parsed {
  readonly status: number
  readonly foreign: string[]
  readonly text: string
  readonly searched: string | null
}

/** Fetches addresses and has each page parsed in `page`, which must be one without a content policy. */
export async function parsePages(page: Page, urls: readonly string[]): Promise<Parsed[]> {
  const answers: { status: number; body: string }[] = []
  for (const url of urls) {
    const answer = await fetch(url, { headers: { accept: 'text/html' } })
    answers.push({ status: answer.status, body: await answer.text() })
  }
  const parsed = await page.evaluate<
    Omit<Parsed, 'status'>[]
  >(`${JSON.stringify(answers.map(({ body }) => body))}.map((body) => {
    const root = new DOMParser().parseFromString(body, 'text/html')
    const searched = root.querySelector('#search-words')?.getAttribute('value') ?? null
    return { foreign: (${FIND})(root), text: root.body.textContent, searched }
  })`)
  return parsed.map((one, at) => ({ ...one, status: answers[at]?.status ?? 0 }))
}
