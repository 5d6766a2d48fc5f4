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
}

/** What a bench calls once for each thing it measured. */
export type Report = (measurement: Measurement) => void

/** What a file in scripts/bench/ exports. */
export type Bench = {
  /** The name given to `npm run bench -- NAME`; the file's own. */
  name: string
  /** One sentence: what is measured, and why against this reference. */
  about: string
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

/** `what  ours 812 MB/s  curl 905 MB/s  ratio 0.90`: medians; a ratio above 1 means that we are better. */
export function describeMeasurement({ what, against, unit, better, ours, reference }: Measurement): string {
  const [mine, theirs] = [median(ours), median(reference)]
  const ratio = better === 'higher' ? mine / theirs : theirs / mine
  return `${what}:  ours ${round(mine)} ${unit}  ${against} ${round(theirs)} ${unit}  ratio ${ratio.toFixed(2)}`
}

const round = (value: number) => Number(value.toPrecision(value >= 1000 ? 4 : 3))
