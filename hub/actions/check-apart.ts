import { Worker } from 'node:worker_threads'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { findSigners } from './check-document.ts'
import type { HandedIn, HandedInVerdict } from './check-handed-in.ts'
import type { CheckNews, CheckWork } from './check-thread.ts'

type Known = Pick<Exchange, 'trust' | 'findArchived'>

const CHECK_MILLISECONDS = 10_000
/** In MiB. What a strict reader needs for the longest text that is read, and no more. */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 192 }

/**
 * Checks files of strangers in threads of their own, so that no file holds up the hub (threats B18): a few at once,
 * each within time and memory. RATE_LIMITED beyond, BODY_TOO_LARGE for what costs more.
 */
export function checkApart(x: Known): (files: readonly HandedIn[]) => Promise<HandedInVerdict> {
  let running = 0
  return async (files) => {
    if (!(running < LIMITS.checksAtOnce)) throw new Refusal('RATE_LIMITED', { running, retryAfter: 5 })
    running++
    try {
      return await runThread(x, files)
    } finally {
      running--
    }
  }
}

async function runThread(x: Known, files: readonly HandedIn[]): Promise<HandedInVerdict> {
  const workerData: CheckWork = { files, fingerprint: x.trust.roots().at(-1)?.fingerprint ?? '' }
  const { promise, resolve, reject } = Promise.withResolvers<HandedInVerdict>()
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), { workerData, resourceLimits: MEMORY })
  const timer = setTimeout(() => reject(tooCostly()), CHECK_MILLISECONDS)
  worker.on('message', (news: CheckNews) => {
    if ('verdict' in news) resolve(news.verdict)
    else if ('refusal' in news) reject(new Refusal(news.refusal.code, news.refusal.facts))
    else worker.postMessage(findSigners(x, news.ask))
  })
  worker.on('error', (error: NodeJS.ErrnoException) =>
    reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooCostly() : error),
  )
  worker.on('exit', (code) => reject(new Error(`the checking thread ended early with code ${code}`)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function tooCostly(): Refusal {
  const detail = {
    zh: '核验这些文件所需的时间或内存过多',
    en: 'Checking these files takes too much time or memory',
  }
  return new Refusal('BODY_TOO_LARGE', { detail })
}
