import { Refusal } from '#schemas/refusal.ts'
import { DATASET } from '#schemas/shapes.ts'

const SHAPE = new RegExp(DATASET.pattern)

/** A dataset as a person names it: `member/slug`, or the slug alone for one of ours. DATASET_UNKNOWN where it is neither. */
export function nameDataset(typed: string, member: string): string {
  const dataset = typed.includes('/') ? typed : `${member}/${typed}`
  if (!SHAPE.test(dataset)) throw new Refusal('DATASET_UNKNOWN', { dataset: typed.slice(0, 100) })
  return dataset
}
