const FRESH_SECONDS = 60
const PAGE_MILLISECONDS = 500

/**
 * The newest answer to a question that may take many seconds where the hub is away, for pages that must not wait for it. `get`
 * asks again where the last answer is over a minute old, and gives what there is by then.
 */
export function keepAnswer<T>(now: () => number) {
  let known: { readonly answer: T; readonly at: number } | undefined
  let running: Promise<void> | undefined

  async function run(ask: () => Promise<T>): Promise<void> {
    try {
      known = { answer: await ask(), at: now() }
    } finally {
      running = undefined
    }
  }

  return {
    async get(ask: () => Promise<T>): Promise<T | undefined> {
      if (known === undefined || now() - known.at >= FRESH_SECONDS) running ??= run(ask)
      // Local questions and a hub that answers take no longer than a page may.
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, PAGE_MILLISECONDS))])
      return known?.answer
    },
    /** Something was done that changes the answer. */
    forget(): void {
      known = undefined
    },
  }
}
