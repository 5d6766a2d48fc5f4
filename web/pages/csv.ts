/**
 * What a spreadsheet would run as a formula, were it to stand at the start of a cell, also in full width or after blanks
 * (CWE-1236); a negative number is none.
 */
const FORMULA = /^(?![+-]?\d+(?:\.\d+)?%?$)\s*[=+\-@\t\r＝＋－＠]/u

export type CsvCell = string | number | boolean | null | undefined

/** A CSV (RFC 4180) that spreadsheets open as what it is: UTF-8 with a mark, text that looks like a formula disarmed by an apostrophe. */
export function writeCsv(head: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  return `\uFEFF${[head, ...rows].map(writeCsvRow).join('')}`
}

/** One line of it, its end included; the mark comes before the first. */
export function writeCsvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: CsvCell): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
