import { areNumbers, areTimes } from '#web/components/column-kinds.ts'
import type { RowPage } from '../tables/take-rows.ts'

/** Whether the rows at hand show numbers in this column. */
export function isNumeric({ rows }: RowPage, at: number): boolean {
  return areNumbers(rows.map(({ cells }) => cells[at]))
}

/** Whether the rows at hand show dates, months, quarters or years in it. */
export function isTime({ rows, columns }: RowPage, at: number): boolean {
  return areTimes(
    columns[at]?.name ?? '',
    rows.map(({ cells }) => cells[at]),
  )
}
