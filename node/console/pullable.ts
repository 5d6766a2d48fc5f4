import type { Status } from '#schemas/status-list.ts'
import type { ListedPull } from '../actions/list-pulls.ts'
import type { NodePagesDeps } from './node-pages.ts'

/** What the data of an agreement are to us now. */
export interface Pullable {
  /** The newest version that is known, by its entry or because it came. */
  readonly newest: number | undefined
  /** The newest version that came; 0: none. */
  readonly here: number
  /** How many pulls the agreement has left; null: any number. */
  readonly left: number | null
  readonly withdrawn: boolean
  /** How the node stands that would serve it. */
  readonly provider: Status
}

/** Of an agreement of ours, as `agreements` lists it, with the pulls that are known. */
export function pullableOf(
  { id, dataset, pulls: most }: { readonly id: string; readonly dataset: string; readonly pulls: number | null },
  pulls: readonly ListedPull[],
  { using: { entries }, standingOf }: Pick<NodePagesDeps, 'using' | 'standingOf'>,
): Pullable {
  // An order that the owner has not answered may not have counted.
  const came = pulls.filter(({ agreement, stage }) => agreement === id && (stage === 'done' || stage === 'confirming'))
  const here = Math.max(0, ...came.map(({ version }) => version))
  const known = entries.brief(dataset)?.version
  return {
    newest: known === undefined ? undefined : Math.max(known, here),
    here,
    left: most === null ? null : Math.max(0, most - came.length),
    withdrawn: entries.isWithdrawn(dataset),
    provider: standingOf(dataset.slice(0, 18)),
  }
}

/** Is there something to fetch that is not here yet? */
export function isNewToUs({ newest, here, left, withdrawn, provider }: Pullable): boolean {
  return newest !== undefined && newest > here && left !== 0 && !withdrawn && provider === 'good'
}
