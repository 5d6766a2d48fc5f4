const REMOTES_MOST = 8
const WINDOW_SECONDS = 1
/** While a flood lasts windows grow: a day of it makes some thousand lines. */
const WINDOW_SECONDS_MOST = 60

/** What was not told singly in a window. */
export interface FloodSum {
  /** How many beyond those told singly, in how many seconds. */
  readonly refused: number
  readonly seconds: number
  readonly reasons: Readonly<Record<string, number>>
  /** Some of the addresses. */
  readonly remotes: readonly string[]
}

/** Refusals of strangers cannot fill a disk: `singly` a window are told one by one, the others summed up at its end. */
export function createFlood(singly: number, tellSum: (sum: FloodSum) => void) {
  let seconds = WINDOW_SECONDS
  let timer: NodeJS.Timeout | undefined
  let told = 0
  let reasons: Record<string, number> = {}
  let remotes = new Set<string>()

  function open(): void {
    told = 0
    reasons = {}
    remotes = new Set()
    timer = setTimeout(close, seconds * 1_000).unref()
  }

  function close(): void {
    clearTimeout(timer)
    timer = undefined
    const refused = Object.values(reasons).reduce((sum, count) => sum + count, 0)
    if (refused === 0) {
      seconds = WINDOW_SECONDS
      return
    }
    tellSum({ refused, seconds, reasons, remotes: [...remotes] })
    seconds = Math.min(seconds * 2, WINDOW_SECONDS_MOST)
    open()
  }

  return {
    add(reason: string, remote: string, tell: () => void): void {
      if (timer === undefined) open()
      if (told < singly) {
        told++
        tell()
        return
      }
      reasons[reason] = (reasons[reason] ?? 0) + 1
      if (remotes.size < REMOTES_MOST) remotes.add(remote)
    },
    /** Tells what is still untold, and waits for nothing more. */
    end(): void {
      close()
      clearTimeout(timer)
      timer = undefined
    },
  }
}
