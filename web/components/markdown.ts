import { Marked, type RendererObject, type Tokens } from 'marked'
import { type Html, html } from '../pages/html.ts'

/**
 * Text in Markdown (CommonMark with tables) as operators write it. Raw HTML comes out as text, links go to http, https,
 * mailto and this site only, and its highest headings are of level 2, below the page's own.
 */
export function markdown(text: string, place: Place = {}): Html {
  return html`<div class="prose" dangerouslySetInnerHTML=${{ __html: renderMarkdown(text, place) }}></div>`
}

/** Where a text stands. */
interface Place {
  /** Of its highest headings; 2 by default. */
  readonly level?: number
  /** Base URL of the site that it is written for, where that is another one; without a final slash. */
  readonly site?: string
}

/** The markup alone, for tests and feeds. */
export function renderMarkdown(text: string, { level = 2, site = '' }: Place = {}): string {
  const tokens = parser.lexer(text)
  const depths = tokens.flatMap((token) => (token.type === 'heading' ? [(token as Tokens.Heading).depth] : []))
  const deeper = level - Math.min(...depths, 6)
  void parser.walkTokens(tokens, (token) => {
    if (token.type === 'heading') token['depth'] += deeper
    if (token.type === 'link' && /^\/(?![/\\])/.test(token['href'])) token['href'] = `${site}${token['href']}`
  })
  return parser.parser(tokens)
}

/** Longest text a page may have, in characters. */
export const MARKDOWN_MOST = 100_000

const renderer: RendererObject = {
  html: (token: Tokens.HTML | Tokens.Tag) =>
    token.block ? `<p>${escapeText(token.text)}</p>\n` : escapeText(token.text),
  heading({ tokens, depth }) {
    const level = Math.min(Math.max(depth, 2), 6)
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
  },
  link({ href, title, tokens }) {
    const inside = this.parser.parseInline(tokens)
    const address = safeAddress(href)
    if (address === undefined) return inside
    const tip = title ? ` title="${escapeText(title)}"` : ''
    return `<a href="${escapeText(address)}"${tip} rel="noreferrer">${inside}</a>`
  },
  // Pictures would come from elsewhere, which the site's policy forbids.
  image: ({ text }) => escapeText(text),
  checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  code: ({ text }) => `<pre tabindex="0"><code>${escapeText(text)}</code></pre>\n`,
  table({ header, rows }) {
    const cell = (tag: string, { tokens }: Tokens.TableCell) =>
      `<${tag}>${this.parser.parseInline(tokens)}</${tag.split(' ', 1)[0]}>`
    const head = header.map((one) => cell('th scope="col"', one)).join('')
    const body = rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`).join('')
    return `<div class="table-wrap" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`
  },
}

const parser = new Marked({ gfm: true, breaks: false, renderer })

/** The address as given if it stays on this site or names a scheme that a text may lead to. */
function safeAddress(href: string): string | undefined {
  // Browsers drop control characters and blanks before they look for a scheme.
  const bare = [...href].filter((one) => one > ' ' && one !== '\u007f').join('')
  if (/^(https?:\/\/|mailto:)/i.test(bare)) return bare
  return /^(\/(?![/\\])|#|\.{0,2}[\p{L}\p{N}_-]+(?!\S*:))/u.test(bare) ? bare : undefined
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (one) => ESCAPES[one] as string)
}
