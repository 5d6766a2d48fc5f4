import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Refusal } from '#schemas/refusal.ts'

const BUFFER_BYTES = 256 * 1024

/** Bytes `from` to `to`, both included, as in a Range header. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export interface PumpOptions {
  readonly signal: AbortSignal
  /** A block of 256 KiB has this long to leave: a reader slower than that is not reading. */
  readonly idleMilliseconds: number
  /**
   * Content that may leave from now on, told before it is handed to the network: what is handed over cannot be called back,
   * so the sum is never less than what the reader got. Awaited, so that what cannot be recorded is not sent.
   */
  readonly onSent: (bytes: number) => Promise<void> | void
}

/**
 * Sends a range of an open file. Two buffers take turns, one filling while the other leaves, so memory is half a MiB
 * whatever the file's size and the reader's speed. Throws the abort reason, TRANSFER_CUT for a reader that stalls or goes
 * away, FILE_TAMPERED when the file is shorter than it was published.
 */
export async function pumpFile(
  file: FileHandle,
  { from, to }: ByteRange,
  response: ServerResponse,
  { signal, idleMilliseconds, onSent }: PumpOptions,
): Promise<void> {
  const buffers = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)] as const
  let sending: Promise<void> = Promise.resolve()
  for (let at = from, turn = 0; at <= to; turn ^= 1) {
    const buffer = buffers[turn as 0 | 1]
    const { bytesRead } = await file.read(buffer, 0, Math.min(BUFFER_BYTES, to - at + 1), at)
    if (!(bytesRead > 0)) throw new Refusal('FILE_TAMPERED', { rule: 'shorter than published' })
    // The buffer sent before must have left before its turn comes again.
    await sending
    signal.throwIfAborted()
    await onSent(bytesRead)
    sending = send(response, buffer.subarray(0, bytesRead), signal, idleMilliseconds)
    // Not awaited in this round; a failure is met at the next await and must not count as unhandled until then.
    sending.catch(() => {})
    at += bytesRead
  }
  await sending
}

/** Resolves when the bytes have been handed to the system. */
async function send(
  response: ServerResponse,
  bytes: Uint8Array,
  signal: AbortSignal,
  idleMilliseconds: number,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const idle = new AbortController()
  const abort = () => reject(signal.reason)
  const gone = () => reject(new Refusal('TRANSFER_CUT', { rule: 'the reader went away' }))
  signal.addEventListener('abort', abort, { once: true })
  response.once('close', gone)
  wait(idleMilliseconds, undefined, { signal: idle.signal, ref: false }).then(
    () => reject(new Refusal('TRANSFER_CUT', { rule: 'the reader stalled' })),
    () => {},
  )
  if (signal.aborted) abort()
  else if (response.destroyed) gone()
  else
    response.write(bytes, (error) =>
      error ? reject(new Refusal('TRANSFER_CUT', { rule: 'the reader went away' })) : resolve(),
    )
  try {
    await promise
  } finally {
    idle.abort()
    response.off('close', gone)
    signal.removeEventListener('abort', abort)
  }
}
