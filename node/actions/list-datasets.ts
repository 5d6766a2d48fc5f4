import type { Meta } from '#schemas/catalog/meta.ts'
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
  readonly problem?: object
}

/** What `datasets` prints, by id. */
export function listDatasets(datasets: Datasets): ListedDataset[] {
  return datasets.list().flatMap((dataset) => {
    const last = datasets.last(dataset)
    if (last === undefined) return []
    const now = datasets.newest(dataset) ?? last
    const described = datasets.newestEntry(dataset) ?? last
    const { meta, bytes } = payloadOf(described)
    const { version, state, sequence, terms } = now
    const problem = last.problem === null ? {} : { problem: JSON.parse(last.problem) as object }
    const { sharing } = meta
    return [{ dataset, title: meta.title, version, state, sequence, terms, sharing, bytes, ...problem }]
  })
}
