import { type Cell, cellText, headerName, isBlankRow } from './cells.ts'

/** A merged area of a sheet, all bounds counted from 0 and inclusive. */
export interface Area {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Where a sheet's header is: its rows and first column, counted from 0, and the names from there on. */
export interface Header {
  readonly rows: readonly number[]
  readonly left: number
  readonly names: readonly string[]
}

const MAX_HEADER_ROWS = 4

/**
 * Finds the header of a sheet: the first row with content, passing over titles merged across columns. Where its
 * cells are merged it has several rows (合并表头), and a name is what stands above one another, joined by "/".
 * `from`: the row, counted from 0, where a person says it begins.
 */
export function findHeader(
  cellsOf: (row: number) => readonly Cell[],
  count: number,
  merges: readonly Area[],
  from?: number,
): Header | undefined {
  const top = from === undefined ? findTop(cellsOf, count, merges) : from < count ? from : undefined
  if (top === undefined) return undefined
  const depth = depthOf(top, merges)
  const rows = Array.from({ length: Math.min(depth, count - top) }, (_, index) => top + index)
  // A merge may claim to go on for ever: labels spread no further than the sheet has cells.
  const width = Math.max(...[...rows, top + depth].map((row) => cellsOf(row).length))
  const labels = rows.map((row) => labelsOf(cellsOf(row), row, merges, width))
  const used = labels.flatMap((row) => row.flatMap((label, column) => (label === '' ? [] : [column])))
  const left = Math.min(...used)
  const right = Math.max(...used)
  const names: string[] = []
  for (let column = left; column <= right; column++) {
    const stacked = labels.map((row) => row[column] ?? '').filter((label) => label !== '')
    names.push([...new Set(stacked)].join('/'))
  }
  return { rows, left, names }
}

function findTop(
  cellsOf: (row: number) => readonly Cell[],
  count: number,
  merges: readonly Area[],
): number | undefined {
  for (let row = 0; row < count; row++) {
    const cells = cellsOf(row)
    if (isBlankRow(cells) || isTitle(cells, row, merges)) continue
    return row
  }
  return undefined
}

/** A title: one cell alone in its row, merged over several columns. */
function isTitle(cells: readonly Cell[], row: number, merges: readonly Area[]): boolean {
  const filled = cells.flatMap((cell, column) => (cellText(cell).trim() === '' ? [] : [column]))
  const [only] = filled
  if (filled.length !== 1 || only === undefined) return false
  return merges.some(({ top, left, right }) => top === row && left === only && right > left)
}

function depthOf(top: number, merges: readonly Area[]): number {
  const touching = merges.filter((merge) => merge.top === top)
  const tallest = Math.max(1, ...touching.map(({ bottom }) => bottom - top + 1))
  const grouped = touching.some(({ left, right, bottom }) => right > left && bottom === top)
  return Math.min(grouped ? Math.max(tallest, 2) : tallest, MAX_HEADER_ROWS)
}

/** The labels of a header row, each spread over the columns it is merged across (a vertical merge needs no spreading). */
function labelsOf(cells: readonly Cell[], row: number, merges: readonly Area[], width: number): string[] {
  const labels = cells.map(headerName)
  for (const { top, left, right } of merges) {
    if (top !== row) continue
    for (let column = left + 1; column <= Math.min(right, width - 1); column++) labels[column] ||= labels[left] ?? ''
  }
  return Array.from(labels, (label) => label ?? '')
}
