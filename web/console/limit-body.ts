import type { FastifyRequest } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'

/** How long a body may take, in milliseconds, and what an upload must bring in each `paceMilliseconds`. */
export interface BodyLimits {
  readonly wholeMilliseconds: number
  readonly paceMilliseconds: number
  readonly paceBytes: number
}

const USUAL: BodyLimits = {
  wholeMilliseconds: LIMITS.requestMilliseconds,
  paceMilliseconds: LIMITS.idleTransferMilliseconds,
  paceBytes: LIMITS.uploadBytesPerSecond * (LIMITS.idleTransferMilliseconds / 1_000),
}

/**
 * An upload takes as long as it takes, but only of somebody who has entered, and at a pace; every other body is there
 * within the usual time, or its connection ends (threats F2). For a listener without `requestTimeout`.
 */
export function limitBody({ raw, headers }: FastifyRequest, mayUpload: boolean, limits: BodyLimits = USUAL): void {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  let before = raw.socket.bytesRead
  const isSlow = () => {
    const arrived = raw.socket.bytesRead - before
    before += arrived
    return !(mayUpload && arrived >= limits.paceBytes)
  }
  const look = () => {
    if (raw.complete || raw.destroyed) clearInterval(timer)
    else if (isSlow()) raw.socket.destroy()
  }
  const timer = setInterval(look, mayUpload ? limits.paceMilliseconds : limits.wholeMilliseconds).unref()
  raw.once('end', () => clearInterval(timer))
}
