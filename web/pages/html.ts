import { html } from 'htm/preact'
import { type ComponentChildren, Fragment, h } from 'preact'
import { renderToString } from 'preact-render-to-string'

export { html }

/** What a component returns and a template takes: every text in it is escaped when it is rendered. */
export type Html = ComponentChildren

/** The markup of a node, without a document type. */
export function renderHtml(node: Html): string {
  return renderToString(h(Fragment, null, node))
}
