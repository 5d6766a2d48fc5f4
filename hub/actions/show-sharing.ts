import type { Exchange } from '../exchange.ts'
import { listMembers, type OpenMember } from './open-statistics.ts'

/** A member with what it gave and what it received: counts and bytes, never a counterparty (contract, Network facts). */
export interface MemberSharing extends OpenMember {
  readonly givenPulls: number
  readonly givenBytes: number
  readonly receivedPulls: number
  readonly receivedBytes: number
}

/** What happened in one month or on one day (Beijing time). */
export interface SharingPeriod {
  readonly period: string
  readonly pulls: number
  readonly bytes: number
  /** Datasets that appeared. */
  readonly datasets: number
  /** Entries that arrived, new datasets included. */
  readonly versions: number
}

/** Up to this many days are shown by day, more by month. */
const maxDays = 62

/** Every member of the directory with its share, by name. */
export function showSharing(x: Exchange): MemberSharing[] {
  const given = Map.groupBy(x.pulls.uses(), ({ dataset }) => dataset.slice(0, 18))
  const received = new Map(x.pulls.received().map((row) => [row.member, row]))
  return listMembers(x)
    .map((member) => ({
      ...member,
      givenPulls: sum(given.get(member.id) ?? [], 'pulls'),
      givenBytes: sum(given.get(member.id) ?? [], 'bytes'),
      receivedPulls: received.get(member.id)?.pulls ?? 0,
      receivedBytes: received.get(member.id)?.bytes ?? 0,
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'zh-CN'))
}

/** What was shared over time, oldest first, without gaps; `today` is a day in Beijing. */
export function showOverTime(x: Exchange, today: string): SharingPeriod[] {
  const [pulls, entries] = [x.pulls.days(), x.entries.days()]
  const first = [pulls[0]?.day, entries[0]?.day].filter((day) => day !== undefined).toSorted()[0]
  if (first === undefined) return []
  const byDay = Temporal.PlainDate.from(first).until(today).days < maxDays
  const keyOf = (day: string) => (byDay ? day : day.slice(0, 7))
  const perPeriod = <R extends { readonly day: string }>(rows: R[]) => Map.groupBy(rows, ({ day }) => keyOf(day))
  const [pullsOf, entriesOf] = [perPeriod(pulls), perPeriod(entries)]
  return periodsBetween(keyOf(first), keyOf(today)).map((period) => ({
    period,
    pulls: sum(pullsOf.get(period) ?? [], 'pulls'),
    bytes: sum(pullsOf.get(period) ?? [], 'bytes'),
    datasets: sum(entriesOf.get(period) ?? [], 'datasets'),
    versions: sum(entriesOf.get(period) ?? [], 'versions'),
  }))
}

/** Days (`2026-11-24`) or months (`2026-11`) from one to the other, both included. */
function periodsBetween(from: string, to: string): string[] {
  const periods: string[] = []
  if (from.length === 7) {
    const end = Temporal.PlainYearMonth.from(to)
    for (
      let at = Temporal.PlainYearMonth.from(from);
      Temporal.PlainYearMonth.compare(at, end) <= 0;
      at = at.add({ months: 1 })
    )
      periods.push(at.toString())
    return periods
  }
  const end = Temporal.PlainDate.from(to)
  for (let at = Temporal.PlainDate.from(from); Temporal.PlainDate.compare(at, end) <= 0; at = at.add({ days: 1 }))
    periods.push(at.toString())
  return periods
}

function sum<K extends string>(rows: readonly { readonly [P in K]: number }[], key: K): number {
  return rows.reduce((all, row) => all + row[key], 0)
}
