import { readRange, type TableSource } from './table-source.ts'
import { tooCostly, unreadable } from './unreadable.ts'

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const MAX_ENTRIES = 10_000
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024

/**
 * Refuses a ZIP whose central directory (APPNOTE 4.3.12) declares more than is worth unpacking, before any of it is.
 * A directory that lies is left to the watch on memory and time. Throws INPUT_TOO_COSTLY, INPUT_UNREADABLE.
 */
export async function refuseZipBomb(source: TableSource): Promise<void> {
  const tail = await readRange(source, Math.max(source.bytes - 65_557, 0), source.bytes)
  const end = findEnd(tail)
  const entries = tail.readUInt16LE(end + 10)
  const size = tail.readUInt32LE(end + 12)
  const offset = tail.readUInt32LE(end + 16)
  // 0xffffffff would be ZIP64, which a workbook of a size worth reading never needs.
  if (!(entries <= MAX_ENTRIES && size <= MAX_DIRECTORY_BYTES)) throw bomb(entries, 0)
  const directory = await readRange(source, offset, offset + size)
  let unpacked = 0
  for (let at = 0, seen = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; seen++) {
    unpacked += directory.readUInt32LE(at + 24)
    if (!(unpacked <= MAX_UNPACKED_BYTES && seen < MAX_ENTRIES)) throw bomb(entries, unpacked)
    at += 46 + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === END_SIGNATURE) return at
  throw unreadable('ZIP 文件不完整', 'The ZIP file is incomplete')
}

function bomb(entries: number, unpackedBytes: number): Error {
  return tooCostly('工作簿解压后过大', 'The workbook unpacks to too much', { entries, unpackedBytes })
}
