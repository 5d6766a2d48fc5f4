import { type Html, html } from '../pages/html.ts'

/** How a mark or a notice is meant; never told by colour alone. */
export type Tone = 'quiet' | 'info' | 'good' | 'warn' | 'bad'

/** A short state: `badge('good', '已生效')`. */
export function badge(tone: Tone, text: string): Html {
  return html`<span class=${`badge ${tone}`}>${text}</span>`
}

/** A box that says something happened or waits. `bad` is read out at once. */
export function notice(tone: Tone, { title, body, actions }: { title: string; body?: Html; actions?: Html }): Html {
  return html`<div class=${`notice ${tone}`} role=${tone === 'bad' ? 'alert' : 'status'}>
    <p class="notice-title">${title}</p>
    ${body !== undefined && html`<div>${body}</div>`}
    ${actions !== undefined && html`<div class="cluster">${actions}</div>`}
  </div>`
}

/** Nothing here yet: what would be here and how it comes. */
export function emptyState(title: string, body?: Html): Html {
  return html`<div class="empty"><p class="empty-title">${title}</p>${body !== undefined && html`<div>${body}</div>`}</div>`
}

/** Terms and their values; a value that is undefined, null or empty leaves its term out. */
export function facts(rows: readonly (readonly [term: string, value: Html])[]): Html {
  const shown = rows.filter(([, value]) => !(value === undefined || value === null || value === '' || value === false))
  return html`<dl class="facts">
    ${shown.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}
  </dl>`
}

/** A number that matters, with what it counts. */
export function stat(value: string, label: Html, href?: string): Html {
  const inside = html`<strong class="stat-value">${value}</strong><span class="stat-label">${label}</span>`
  return href === undefined ? html`<div class="stat">${inside}</div>` : html`<a class="stat" href=${href}>${inside}</a>`
}

/** A section with a heading of level 2 or 3 and, beside it, links or buttons. */
export function section(
  heading: string,
  body: Html,
  { beside, id, level = 2, card = false }: { beside?: Html; id?: string; level?: 2 | 3; card?: boolean } = {},
): Html {
  return html`<section class=${card ? 'card' : 'section'} id=${id}>
    <div class="section-head"><${`h${level}`}>${heading}<//>${beside !== undefined && html`<div class="cluster">${beside}</div>`}</div>
    ${body}
  </section>`
}

/** Small print for ids, hashes and fingerprints: broken anywhere, set in the code face. */
export function code(text: string): Html {
  return html`<code class="hash">${text}</code>`
}

/** More to read for whoever wants it; opens without a script. */
export function more(summary: string, body: Html, open = false): Html {
  return html`<details class="more" open=${open}><summary>${summary}</summary><div>${body}</div></details>`
}

/** An address to go to that looks like a button. */
export function linkButton(href: string, text: string, kind: 'primary' | 'plain' | 'quiet' = 'plain'): Html {
  return html`<a class=${`button ${kind}`} href=${href}>${text}</a>`
}

/** The button that sends a form. `name`/`value` tell several buttons of one form apart. */
export function submitButton(
  text: string,
  {
    kind = 'primary',
    name,
    value,
  }: { kind?: 'primary' | 'plain' | 'danger' | 'quiet'; name?: string; value?: string } = {},
): Html {
  return html`<button class=${`button ${kind}`} type="submit" name=${name} value=${value}>${text}</button>`
}

/** How far: `done` of `total`, read out as text. Unknown totals show as under way. */
export function progressBar(label: string, done: number, total: number): Html {
  return html`<div class="progress">
    <span>${label}</span>
    <progress max=${total > 0 ? total : undefined} value=${total > 0 ? Math.min(done, total) : undefined} aria-label=${label}></progress>
  </div>`
}
