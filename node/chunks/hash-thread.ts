import { Worker } from 'node:worker_threads'
import type { HashAnswer, HashJob } from './hash-worker.ts'

/** A thread that hashes needs next to no heap; its buffers lie outside of it. In MiB. */
const SMALL = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }

type Waiting = Pick<PromiseWithResolvers<unknown>, 'resolve' | 'reject'>
/** What a job is told to do. */
type Order = HashJob extends infer One ? (One extends { job: number } ? Omit<One, 'job'> : never) : never

/** One job at the thread. It keeps the thread alive until it has answered or is dropped. */
export interface ThreadJob {
  tell(order: Order): void
  answer<T>(): Promise<T>
  drop(): void
}

/** One for the whole process, whatever the number of files: alive while there are jobs, since its heap costs some 10 MB. */
let thread: { readonly worker: Worker; readonly jobs: Map<number, Waiting> } | undefined
let lastJob = 0

export function openThreadJob(): ThreadJob {
  thread ??= startThread()
  const { worker, jobs } = thread
  const job = ++lastJob
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  promise.catch(() => {})
  jobs.set(job, { resolve, reject })
  return {
    tell: (order) => worker.postMessage({ ...order, job } as HashJob),
    answer: <T>() => promise as Promise<T>,
    drop() {
      if (!jobs.has(job)) return
      worker.postMessage({ job, drop: true } satisfies HashJob)
      reject(new Error('the hashing was given up'))
      leave(jobs, worker, job)
    },
  }
}

function startThread(): NonNullable<typeof thread> {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { resourceLimits: SMALL })
  const jobs = new Map<number, Waiting>()
  const failAll = (error: unknown) => {
    for (const { reject } of jobs.values()) reject(error)
    jobs.clear()
    if (thread?.worker === worker) thread = undefined
  }
  worker.on('message', (answer: HashAnswer) => {
    const waiting = jobs.get(answer.job)
    if ('error' in answer) waiting?.reject(answer.error)
    else waiting?.resolve(answer.result)
    leave(jobs, worker, answer.job)
  })
  worker.on('error', failAll)
  worker.on('exit', (code) => failAll(new Error(`the hashing thread ended early with code ${code}`)))
  return { worker, jobs }
}

function leave(jobs: Map<number, Waiting>, worker: Worker, job: number): void {
  jobs.delete(job)
  if (jobs.size > 0) return
  if (thread?.worker === worker) thread = undefined
  void worker.terminate()
}
