import type { MemberClass } from '#schemas/shapes.ts'
import type { Status } from '#schemas/status-list.ts'
import type { Exchange } from '../exchange.ts'
import type { DatasetUse } from '../store/pulls.ts'

/** A member as everybody may see it. */
export interface OpenMember {
  readonly id: string
  readonly name: string
  readonly class: MemberClass
  readonly standing: Status
  readonly datasets: number
}

/** Counts and bytes per owner and dataset. Never a counterparty: who pulled is between the parties. */
export interface Statistics {
  readonly totals: {
    readonly members: number
    readonly datasets: number
    readonly pulls: number
    readonly bytes: number
  }
  readonly members: readonly {
    readonly member: string
    readonly datasets: number
    readonly pulls: number
    readonly bytes: number
  }[]
  readonly datasets: readonly DatasetUse[]
}

/** Members of the directory, by id. */
export function listMembers(x: Exchange): OpenMember[] {
  const counts = new Map(x.entries.countByMember().map(({ member, datasets }) => [member, datasets]))
  return [...x.trust.members()]
    .map(({ id, name, class: memberClass, standing }) => ({
      id,
      name,
      class: memberClass,
      standing,
      datasets: counts.get(id) ?? 0,
    }))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** How much was shared so far. */
export function readStatistics(x: Exchange): Statistics {
  const datasets = x.pulls.uses()
  const uses = Map.groupBy(datasets, ({ dataset }) => dataset.slice(0, 18))
  const members = listMembers(x)
  const perMember = members.map(({ id, datasets: published }) => ({
    member: id,
    datasets: published,
    ...sum(uses.get(id) ?? []),
  }))
  return {
    totals: {
      members: members.length,
      datasets: perMember.reduce((all, one) => all + one.datasets, 0),
      ...sum(datasets),
    },
    members: perMember.filter((one) => one.datasets > 0 || one.pulls > 0),
    datasets,
  }
}

function sum(uses: readonly DatasetUse[]): { pulls: number; bytes: number } {
  return { pulls: uses.reduce((all, one) => all + one.pulls, 0), bytes: uses.reduce((all, one) => all + one.bytes, 0) }
}
