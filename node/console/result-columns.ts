import type { RowPage } from '../tables/take-rows.ts'

const NUMBER = /^-?\d{1,15}(?:\.\d+)?(?:[eE][+-]?\d+)?$|^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const TIME = /^(?:1[89]|20)\d\d(?:[-/.年](?:Q[1-4]|W\d\d|\d{1,2}(?:[-/.月]\d{1,2})?)?)?[月日年]?(?:[T ]\d\d:\d\d.*)?$/
const UNIT = /[（(]([^（()）]+)[）)]\s*$/

/** A cell as a number, thousands separators read; null where it is none. */
export function numberIn(cell: string | undefined): number | null {
  const text = (cell ?? '').trim()
  return NUMBER.test(text) ? Number(text.replaceAll(',', '')) : null
}

/** Numbers and blanks, at least one number, as far as the rows at hand show. */
export function isNumeric({ rows }: RowPage, at: number): boolean {
  const cells = rows.map(({ cells }) => cells[at] ?? '').filter((cell) => cell.trim() !== '')
  return cells.length > 0 && cells.every((cell) => numberIn(cell) !== null)
}

/** Dates, months, quarters or years in every cell that is not blank; 1950 under a heading with a unit is a count. */
export function isTime({ rows, columns }: RowPage, at: number): boolean {
  const unit = unitIn(columns[at]?.name ?? '')
  if (unit !== undefined && !/[年季月周日]/.test(unit)) return false
  const cells = rows.map(({ cells }) => (cells[at] ?? '').trim()).filter((cell) => cell !== '')
  return cells.length > 0 && cells.every((cell) => TIME.test(cell))
}

/** `千人` of `从业人数（千人）`. */
export function unitIn(name: string): string | undefined {
  return UNIT.exec(name)?.[1]
}

/** `从业人数` of `从业人数（千人）`. */
export function withoutUnit(name: string): string {
  return name.replace(UNIT, '').trim()
}
