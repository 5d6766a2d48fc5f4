import { Refusal } from '#schemas/refusal.ts'
import { releaseBuffers } from '#web/serving/release-buffers.ts'

/** Least content in one window: slower than this and the connection is worth more than the transfer. */
const LEAST_BYTES = 64 * 1024

/** Passes a body on as long as each window of time brings 64 KiB or its end; OWNER_UNREACHABLE otherwise (threats D9). */
export async function* requirePace(
  body: AsyncIterable<Buffer> & { destroy(error?: Error): unknown },
  windowMilliseconds: number,
): AsyncGenerator<Buffer> {
  let inWindow = 0
  const timer = setInterval(() => {
    if (inWindow < LEAST_BYTES) body.destroy(new Refusal('OWNER_UNREACHABLE', { rule: 'slower than 64 KiB in 30 s' }))
    inWindow = 0
  }, windowMilliseconds).unref()
  try {
    for await (const piece of releaseBuffers(body)) {
      inWindow += piece.length
      yield piece
    }
  } finally {
    clearInterval(timer)
  }
}
