import type { NodeVisit } from './node-pages.ts'

/** Rows on one page. */
export const ROWS = 1_000

/** What the address asks to see of a file. */
export interface Look {
  readonly sheet: string | undefined
  /** First row, counted from 0. */
  readonly from: number
  readonly chart: boolean
  /** The page's own address with something changed. */
  readonly address: (changes: Readonly<Record<string, string | undefined>>) => string
}

export function lookOf({ query, href, path }: NodeVisit): Look {
  const from = Number(query.get('from') ?? '0')
  return {
    sheet: query.get('sheet') ?? undefined,
    from: Number.isSafeInteger(from) && from > 0 ? from : 0,
    chart: query.get('view') === 'chart',
    address(changes) {
      const next = new URLSearchParams(query)
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) next.delete(name)
        else next.set(name, value)
      }
      return `${href(path)}${next.size === 0 ? '' : `?${next}`}`
    },
  }
}
