import { open } from 'node:fs/promises'

const BUFFER_BYTES = 1024 * 1024

/**
 * Bytes `start` to `end` of a file, both included, fewer where it ends before. One buffer serves for all: a block is valid until
 * the next is asked for, so the memory of reading a file does not depend on when somebody collects it.
 */
export async function* readRange(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(BUFFER_BYTES, end - start + 1))
    for (let at = start; at <= end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at + 1), at)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await file.close()
  }
}
