const NUMBER = /^-?\d{1,15}(?:\.\d+)?(?:[eE][+-]?\d+)?$|^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const TIME = /^(?:1[89]|20)\d\d(?:[-/.年](?:Q[1-4]|W\d\d|\d{1,2}(?:[-/.月]\d{1,2})?)?)?[月日年]?(?:[T ]\d\d:\d\d.*)?$/
const UNIT = /[（(]([^（()）]+)[）)]\s*$/
/** What tables of statistics print where there is no figure. */
const NOTHING = /^(?:[—–…./\\*-]{1,6}|N\/?A|无|空|缺|暂无)?$/i

/** A cell as a number, thousands separators read; null where it is none. */
export function numberIn(cell: string | undefined): number | null {
  const text = (cell ?? '').trim()
  return NUMBER.test(text) ? Number(text.replaceAll(',', '')) : null
}

/** Numbers, blanks and marks such as —, at least one number, as far as these cells show. */
export function areNumbers(cells: readonly (string | undefined)[]): boolean {
  const filled = cells.filter((cell) => !NOTHING.test((cell ?? '').trim()))
  return filled.length > 0 && filled.every((cell) => numberIn(cell) !== null)
}

/** Dates, months, quarters or years in every cell that is not blank; 1950 under a heading with a unit is a count. */
export function areTimes(heading: string, cells: readonly (string | undefined)[]): boolean {
  const unit = unitIn(heading)
  if (unit !== undefined && !/[年季月周日]/.test(unit)) return false
  const filled = cells.map((cell) => (cell ?? '').trim()).filter((cell) => cell !== '')
  return filled.length > 0 && filled.every((cell) => TIME.test(cell))
}

/** `千人` of `从业人数（千人）`. */
export function unitIn(heading: string): string | undefined {
  return UNIT.exec(heading)?.[1]
}

/** `从业人数` of `从业人数（千人）`. */
export function withoutUnit(heading: string): string {
  return heading.replace(UNIT, '').trim()
}
