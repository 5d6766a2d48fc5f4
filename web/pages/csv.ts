/** What a spreadsheet would run as a formula, were it to stand at the start of a cell (CWE-1236). */
const FORMULA = /^[=+\-@\t\r]/

/** A CSV (RFC 4180) that spreadsheets open as what it is: UTF-8 with a mark, text that looks like a formula disarmed by an apostrophe. */
export function writeCsv(
  head: readonly string[],
  rows: Iterable<readonly (string | number | null | undefined)[]>,
): string {
  const lines = [head, ...rows].map((row) => row.map(cellOf).join(','))
  return `\uFEFF${lines.join('\r\n')}\r\n`
}

function cellOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
