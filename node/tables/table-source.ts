import { fstatSync, read as readCallback } from 'node:fs'
import { promisify } from 'node:util'

const PIECE_BYTES = 256 * 1024
const read = promisify(readCallback)

/** An open file to be inspected: its descriptor, its size in bytes, the name it is to be published under. */
export interface TableSource {
  readonly file: number
  readonly bytes: number
  readonly name: string
}

/** Takes an open descriptor as a source. */
export function openSource(file: number, name: string): TableSource {
  return { file, bytes: fstatSync(file).size, name }
}

/** Bytes from `start` to `end` (cut at the end of the file), in a buffer of their own. */
export async function readRange(
  { file, bytes }: TableSource,
  start: number,
  end: number,
): Promise<Buffer<ArrayBuffer>> {
  const length = Math.max(Math.min(end, bytes) - start, 0)
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await read(file, buffer, done, length - done, start + done)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    done += bytesRead
  }
  return buffer
}

/** The whole file in pieces, in constant memory. */
export async function* readPieces(source: TableSource): AsyncGenerator<Buffer<ArrayBuffer>> {
  for (let at = 0; at < source.bytes; at += PIECE_BYTES) yield await readRange(source, at, at + PIECE_BYTES)
}
