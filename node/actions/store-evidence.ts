import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'

/** Stores what must be on disk before anything is served; a full disk is EVIDENCE_UNSTORED, and nothing has happened. */
export async function storeEvidence<T>(commit: Commit, job: () => T): Promise<T> {
  try {
    return await commit(job)
  } catch (error) {
    if (!isRefusal(error, 'DISK_FULL')) throw error
    throw new Refusal('EVIDENCE_UNSTORED', { cause: 'DISK_FULL' })
  }
}
