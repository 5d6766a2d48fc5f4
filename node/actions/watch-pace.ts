import { Refusal } from '#schemas/refusal.ts'

/** Least content in one window: slower than this and the connection is worth more than the transfer. */
const LEAST_BYTES = 64 * 1024

/** Content is counted until its end; a window of time without 64 KiB of it is OWNER_UNREACHABLE (threats D9), said once. */
export function watchPace(windowMilliseconds: number, onSlow: (error: Refusal) => void) {
  let inWindow = 0
  const timer = setInterval(() => {
    if (inWindow < LEAST_BYTES) {
      clearInterval(timer)
      onSlow(new Refusal('OWNER_UNREACHABLE', { rule: 'slower than 64 KiB in 30 s' }))
    }
    inWindow = 0
  }, windowMilliseconds).unref()
  return {
    count(bytes: number): void {
      inWindow += bytes
    },
    end: (): void => clearInterval(timer),
  }
}
