import { randomUUID } from 'node:crypto'
import type { Problem } from '#schemas/refusal.ts'
import type { Progress } from '../serving/actions.ts'

/** An action that takes long: it outlives the page that began it, not the server. */
export interface Job {
  readonly id: string
  readonly session: string
  readonly title: string
  /** Where to go when it is done; of the result. */
  readonly done: (result: unknown) => string
  /** Where it was begun. */
  readonly back: string
  readonly began: number
  progress: Progress | undefined
  ended: number | undefined
  result?: unknown
  problem?: Problem
}

export interface NewJob extends Pick<Job, 'session' | 'title' | 'done' | 'back'> {
  readonly run: (progress: (progress: Progress) => void, signal: AbortSignal) => Promise<unknown>
  readonly problemOf: (error: unknown) => Problem
}

export type Jobs = ReturnType<typeof createJobs>

const KEPT_SECONDS = 3_600
const jobsMost = 500

/** `now`: Unix seconds. */
export function createJobs(now: () => number) {
  const jobs = new Map<string, Job>()
  const stopping = new AbortController()

  function drop(): void {
    for (const [id, { ended }] of jobs) {
      if (ended !== undefined && (now() - ended >= KEPT_SECONDS || jobs.size >= jobsMost)) jobs.delete(id)
    }
  }

  return {
    begin({ run, problemOf, ...given }: NewJob): Job {
      drop()
      const job: Job = { ...given, id: randomUUID(), began: now(), progress: undefined, ended: undefined }
      jobs.set(job.id, job)
      const progress = (one: Progress) => {
        job.progress = one
      }
      void run(progress, stopping.signal)
        .then(
          (result) => {
            job.result = result
          },
          (error: unknown) => {
            job.problem = problemOf(error)
          },
        )
        .finally(() => {
          job.ended = now()
        })
      return job
    },
    /** Only for the session that began it. */
    find(id: string, session: string): Job | undefined {
      const job = jobs.get(id)
      return job?.session === session ? job : undefined
    },
    stop: (): void => stopping.abort(),
  }
}
