import type { Meta } from '#schemas/catalog/meta.ts'
import { daysLate, nextDue } from '#schemas/codes/periodicities.ts'
import { type Datasets, type EntryState, payloadOf } from '../store/datasets.ts'

/** A dataset of ours. `problem`: why the hub refused what was signed last; what was published before still stands. */
export interface ListedDataset {
  readonly dataset: string
  readonly title: Meta['title']
  readonly version: number
  readonly state: EntryState
  readonly sequence: number
  readonly terms: number
  readonly sharing: string
  readonly bytes: number
  readonly periodicity: Meta['periodicity']
  readonly period?: Meta['period']
  /** Day until whose end the next period is due, and whole days past it; only where something regular is promised. */
  readonly due?: string
  readonly daysLate?: number
  readonly problem?: object
}

/** What `datasets` prints, by id; `now` in Unix seconds. */
export function listDatasets(datasets: Datasets, now: number): ListedDataset[] {
  return datasets.list().flatMap((dataset) => {
    const last = datasets.last(dataset)
    if (last === undefined) return []
    const newest = datasets.newest(dataset) ?? last
    const described = datasets.newestEntry(dataset) ?? last
    const { meta, bytes } = payloadOf(described)
    const { version, state, sequence, terms } = newest
    const problem = last.problem === null ? {} : { problem: JSON.parse(last.problem) as object }
    const { title, sharing, periodicity, period } = meta
    const covered = period === undefined ? {} : { period }
    const promise = newest.kind === 'tombstone' ? {} : promiseOf(meta, now)
    return [
      {
        dataset,
        title,
        version,
        state,
        sequence,
        terms,
        sharing,
        bytes,
        periodicity,
        ...covered,
        ...promise,
        ...problem,
      },
    ]
  })
}

function promiseOf({ periodicity, period }: Meta, now: number): Pick<ListedDataset, 'due' | 'daysLate'> {
  const due = nextDue(periodicity, period?.to, false)
  return due === undefined ? {} : { due: due.toString(), daysLate: daysLate(due, now) }
}
