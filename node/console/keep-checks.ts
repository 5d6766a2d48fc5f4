import type { HealthCheck } from '../actions/check-health.ts'

const FRESH_SECONDS = 60

/**
 * The newest answer of `doctor` for a page that must not wait for it: a hub that is away makes it take many seconds. A call
 * begins a new check where the last one is over a minute old, and gives what there is by then.
 */
export function keepChecks(now: () => number) {
  let known: { readonly checks: readonly HealthCheck[]; readonly at: number } | undefined
  let running: Promise<void> | undefined

  async function run(ask: () => Promise<{ checks: HealthCheck[] }>): Promise<void> {
    try {
      known = { checks: (await ask()).checks, at: now() }
    } finally {
      running = undefined
    }
  }

  return async (ask: () => Promise<{ checks: HealthCheck[] }>): Promise<readonly HealthCheck[] | undefined> => {
    if (known === undefined || now() - known.at >= FRESH_SECONDS) running ??= run(ask)
    // Local checks and a hub that answers take no longer than a page may.
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, PAGE_MILLISECONDS))])
    return known?.checks
  }
}

const PAGE_MILLISECONDS = 500
