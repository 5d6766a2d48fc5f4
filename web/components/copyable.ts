import { type Html, html } from '../pages/html.ts'

/** Text to be taken along: it can be selected as it is, and `copy.js` puts a button beside it. `label` names that button. */
export function copyable(text: string, label: string): Html {
  return html`<div class="copyable" data-copy=${label}><code>${text}</code></div>`
}
