import type { FastifyBaseLogger } from 'fastify'
import { PkiError } from '#pki/error.ts'
import { isRefusal, type Problem, Refusal } from '#schemas/refusal.ts'
import { isDiskFull } from '#schemas/storage/disk-room.ts'

/** Media type of every refusal (RFC 9457 §3). */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The refusal that an error stands for, or undefined for a bug. `PkiError` bears codes of the same catalogue. */
export function findRefusal(error: unknown): Refusal | undefined {
  if (isRefusal(error)) return error
  if (isDiskFull(error)) return new Refusal('DISK_FULL')
  if (error instanceof PkiError) return new Refusal(error.code, { rule: error.rule })
  return refusalOfFramework(error)
}

/** What the HTTP front refuses by itself, told by the status it gives (fastify `errorCodes`, node `http`). */
function refusalOfFramework(error: unknown): Refusal | undefined {
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown }
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  if (statusCode === 413) return new Refusal('BODY_TOO_LARGE')
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') return new Refusal('NOT_FOUND')
  return typeof statusCode === 'number' && statusCode < 500 ? new Refusal('BODY_INVALID', { rule: code }) : undefined
}

/** The problem object to answer with. A bug is logged whole and answered without any detail; one of another server by the id under which that one logged it. */
export function problemOf(error: unknown, requestId: string, log: FastifyBaseLogger): Problem {
  const refusal = findRefusal(error)
  if (refusal === undefined || refusal.code === 'INTERNAL')
    log.error({ requestId, err: error, theirs: refusal?.facts['requestId'] }, 'internal error')
  return (refusal ?? new Refusal('INTERNAL')).problem(requestId)
}
