import type { TestProgram } from './test-programs.ts'

/** One comparison: the same work done by us and by a reference, in turns. */
export type Measurement = {
  /** The work, with its size: "pull 1 GiB". */
  what: string
  /** What we are compared with: "curl from nginx, mutual TLS". */
  against: string
  /** Of every sample: "MB/s", "ms", "pulls/s". */
  unit: string
  /** Whether a larger number is the better one. */
  better: 'higher' | 'lower'
  ours: readonly number[]
  reference: readonly number[]
  /** Which sample speaks for all: 0.5 the middle one (if not given), 0.95 one that only a twentieth exceeds. */
  quantile?: number
}

/** What a bench calls once for each thing it measured. */
export type Report = (measurement: Measurement) => void

/** What a file in scripts/bench/ exports. */
export type Bench = {
  /** The name given to `npm run bench -- NAME`; the file's own. */
  name: string
  /** One sentence: what is measured, and why against this reference. */
  about: string
  /** What must be installed for it, of scripts/test-programs.ts. Without one the bench is skipped, by name. */
  programs?: readonly TestProgram[]
  run: (report: Report) => Promise<void>
}

/**
 * Does both in turns, after one round of each that does not count, so that what changes on the machine meanwhile (other work, a
 * warmer disk, a slower clock) meets both alike. Each call returns its own sample in the measurement's unit.
 */
export async function alternate(
  rounds: number,
  work: { ours: () => Promise<number>; reference: () => Promise<number> },
): Promise<Pick<Measurement, 'ours' | 'reference'>> {
  const samples = { ours: [] as number[], reference: [] as number[] }
  await work.ours()
  await work.reference()
  for (let round = 0; round < rounds; round++) {
    // Who goes second finds warm caches: take turns at that too.
    const order = round % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const)
    for (const who of order) samples[who].push(await work[who]())
  }
  return samples
}

/** The middle sample; of two middle ones their mean. Throws RangeError without samples. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new RangeError('nothing was measured')
  return (low + high) / 2
}

/** The sample that a share of all samples does not exceed (nearest rank); the middle one as {@link median} has it. */
export function quantileOf(samples: readonly number[], share: number): number {
  if (share === 0.5) return median(samples)
  const found = samples.toSorted((a, b) => a - b)[Math.ceil(share * samples.length) - 1]
  if (found === undefined) throw new RangeError('nothing was measured')
  return found
}

/** `what  ours 812 MB/s  curl 905 MB/s  ratio 0.90`: medians, or the quantile asked for; a ratio above 1 means that we are better. */
export function describeMeasurement(measurement: Measurement): string {
  const { what, against, unit, better, ours, reference, quantile = 0.5 } = measurement
  const [mine, theirs] = [quantileOf(ours, quantile), quantileOf(reference, quantile)]
  const ratio = better === 'higher' ? mine / theirs : theirs / mine
  const times = better === 'lower' ? ` (${(mine / theirs).toFixed(2)} × the reference)` : ''
  return `${what}:  ours ${round(mine)} ${unit}  ${against} ${round(theirs)} ${unit}  ratio ${ratio.toFixed(2)}${times}`
}

const round = (value: number) => Number(value.toPrecision(value >= 1000 ? 4 : 3))
