import { type Html, html } from '../pages/html.ts'

/** One column: its heading, and what a row shows in it. */
export interface Column<R> {
  readonly head: Html
  readonly cell: (row: R, index: number) => Html
  /** `number`: right, in tabular figures. `row`: the row's own name (`th scope=row`). */
  readonly kind?: 'number' | 'row' | 'small'
}

/** A table with a caption (read out; shown small unless `hideCaption`), scrollable on narrow screens; `empty` when it has no row. */
export function table<R>({
  caption,
  columns,
  rows,
  empty,
  hideCaption = true,
  stacked = false,
  wrap = '',
}: {
  caption: string
  columns: readonly Column<R>[]
  rows: readonly R[]
  empty?: Html
  hideCaption?: boolean
  /** On a phone each row becomes a small card (headings must be plain text). */
  stacked?: boolean
  /** A class of the scrolling region, as `sheet`. */
  wrap?: string
}): Html {
  if (rows.length === 0 && empty !== undefined) return empty
  return html`<div class=${`table-wrap${stacked ? ' stacked' : ''} ${wrap}`.trim()} role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption class=${hideCaption ? 'hidden-text' : ''}>${caption}</caption>
      <thead><tr>${columns.map(({ head, kind }) => html`<th scope="col" class=${kind}>${head}</th>`)}</tr></thead>
      <tbody>${rows.map((row, index) => html`<tr>${columns.map((column) => cellOf(column, row, index))}</tr>`)}</tbody>
    </table>
  </div>`
}

function cellOf<R>({ head, cell, kind }: Column<R>, row: R, index: number): Html {
  const label = typeof head === 'string' ? head : undefined
  return kind === 'row'
    ? html`<th scope="row" data-label=${label}>${cell(row, index)}</th>`
    : html`<td class=${kind} data-label=${label}>${cell(row, index)}</td>`
}
