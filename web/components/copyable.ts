import { type Html, html } from '../pages/html.ts'

/**
 * Text to be taken along: it can be selected as it is, and `copy.js` puts a button beside it. `label` names that button.
 * A command is one `line`, which rather scrolls than breaks.
 */
export function copyable(text: string, label: string, { line = false }: { line?: boolean } = {}): Html {
  return html`<div class="copyable" data-copy=${label}><code class=${line ? 'line' : ''} tabindex=${line ? 0 : undefined}>${text}</code></div>`
}
