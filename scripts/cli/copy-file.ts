import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

const BLOCK_BYTES = 1024 * 1024

/**
 * Copies a file to a path that does not exist, flushed to disk; gives the SHA-256 (lower-case hex) of the bytes as they were
 * written. Two blocks take turns: one is read while the other is hashed and written.
 */
export async function copyFile(from: string, to: string, onBytes: (done: number) => void = () => {}): Promise<string> {
  await using input = await open(from, 'r')
  await using output = await open(to, 'wx', 0o666)
  const hash = createHash('sha256')
  let [block, next] = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)]
  let reading = input.read(block, 0, BLOCK_BYTES, 0)
  for (let at = 0; ; ) {
    const { bytesRead } = await reading
    if (bytesRead === 0) break
    reading = input.read(next, 0, BLOCK_BYTES, at + bytesRead)
    // Should the disk be full, the block being read must not be met as an error of nobody's.
    reading.catch(() => {})
    const writing = writeAll(output, block.subarray(0, bytesRead), at)
    hash.update(block.subarray(0, bytesRead))
    await writing
    at += bytesRead
    onBytes(at)
    ;[block, next] = [next, block]
  }
  await output.sync()
  return hash.digest('hex')
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  }
}
