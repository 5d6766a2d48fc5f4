import { toRfc3339 } from '#schemas/clock.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import type { Exchange } from '../exchange.ts'
import { endOverdue } from './end-overdue.ts'
import { entryPayload } from './read-entry.ts'

const NOTHING = { type: 'object', properties: {}, additionalProperties: false } as const
const PAGE = 500

/** Commands `hub catalog` and `hub agreements`. */
export function exchangeActions(x: Exchange): Actions {
  return {
    catalog: action(NOTHING, () => showCatalog(x)),
    agreements: action(NOTHING, () => showAgreements(x)),
  }
}

/** Every dataset with what stands at the end of its line, also what waits or was withdrawn. */
function showCatalog(x: Exchange): object[] {
  return pages(
    (after: string) => x.entries.newestOfEach(after, PAGE),
    ({ dataset }) => dataset,
    '',
  ).map((row) => {
    const entry = x.entries.newestEntry(row.dataset)
    const payload = entryPayload(x, entry?.id ?? row.id)
    const { title, sharing, ownership } = payload.meta
    const { dataset, version, sequence, terms, state } = row
    return {
      id: dataset,
      dataset,
      entry: row.id,
      member: payload.member,
      owners: payload.owners,
      title,
      version,
      sequence,
      terms,
      sharing,
      ownership,
      state,
    }
  })
}

/** Every agreement, oldest change first. */
async function showAgreements(x: Exchange): Promise<object[]> {
  await endOverdue(x)
  const rows = pages(
    (since: number) => x.agreements.page(since, PAGE),
    ({ changed }) => changed,
    0,
  )
  return rows
    .filter(({ agreement }) => agreement !== null)
    .map(({ agreement, request, dataset, consumer, path, sensitive, state, cause, until }) => ({
      id: agreement,
      agreement,
      request,
      dataset,
      consumer,
      owner: dataset.slice(0, 18),
      path,
      sensitive: sensitive === 1,
      state,
      cause,
      until: toRfc3339(until),
      suspendedBy: [...x.standings.suspendedBy(request)],
      approvals: x.standings.approvals(request).map(({ operator, via }) => ({ operator, via })),
    }))
}

/** All rows of a paged query. */
function pages<T, K>(read: (after: K) => T[], keyOf: (row: T) => K, start: K): T[] {
  const all: T[] = []
  for (let after = start; ; ) {
    const page = read(after)
    all.push(...page)
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) return all
    after = keyOf(last)
  }
}
