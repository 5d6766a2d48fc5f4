import { type ChunkList, chunkHash, chunkLength } from './chunk-list.ts'

/** Consecutive chunks to fetch as one byte range: `offset` and `bytes` in the file. */
export interface ChunkRun {
  readonly first: number
  readonly count: number
  readonly offset: number
  readonly bytes: number
}

/** Consecutive chunks to copy from an older file, that lie there side by side from `offset` on. */
export interface ChunkCopy {
  readonly source: number
  readonly first: number
  readonly count: number
  readonly offset: number
  readonly bytes: number
}

/** A chunk equal to an earlier one of the same file: to be copied once `of` is there. */
export interface ChunkRepeat {
  readonly chunk: number
  readonly of: number
}

/** How a file is put together: copied from older files, fetched, repeated. Each chunk not yet there is in exactly one. */
export interface ChunkPlan {
  readonly copies: readonly ChunkCopy[]
  readonly runs: readonly ChunkRun[]
  readonly repeats: readonly ChunkRepeat[]
  readonly copyBytes: number
  readonly fetchBytes: number
}

/** `has`: chunks that are already there; `maxRunBytes`: longest range (one chunk may be longer). */
export interface PlanOptions {
  readonly has: (chunk: number) => boolean
  readonly maxRunBytes: number
}

/** Plans a file from its list and the lists of older files (`source` is the index in `older`). Deterministic. */
export function planChunks(list: ChunkList, older: readonly ChunkList[], { has, maxRunBytes }: PlanOptions): ChunkPlan {
  const known = indexOlder(older)
  const firstSeen = new Map<string, number>()
  const copies: ChunkCopy[] = []
  const repeats: ChunkRepeat[] = []
  const fetch = new Set<number>()
  for (let chunk = 0; chunk < list.count; chunk++) if (has(chunk)) firstSeen.set(keyOf(list, chunk), chunk)
  for (let chunk = 0; chunk < list.count; chunk++) {
    if (has(chunk)) continue
    const key = keyOf(list, chunk)
    const place = known.get(key)
    const twin = firstSeen.get(key)
    if (place)
      addCopy(copies, {
        source: place.source,
        first: chunk,
        count: 1,
        offset: place.offset,
        bytes: chunkLength(list, chunk),
      })
    else if (twin !== undefined) repeats.push({ chunk, of: twin })
    else {
      firstSeen.set(key, chunk)
      fetch.add(chunk)
    }
  }
  const runs = coalesceRuns(list, (chunk) => fetch.has(chunk), maxRunBytes)
  return { copies, runs, repeats, copyBytes: sumBytes(copies), fetchBytes: sumBytes(runs) }
}

/** Joins neighbouring wanted chunks into runs of at most `maxRunBytes`; a single chunk may be longer. */
export function coalesceRuns(list: ChunkList, wanted: (chunk: number) => boolean, maxRunBytes: number): ChunkRun[] {
  const runs: ChunkRun[] = []
  for (let chunk = 0; chunk < list.count; chunk++) {
    if (!wanted(chunk)) continue
    const bytes = chunkLength(list, chunk)
    const last = runs.at(-1)
    const joins = last !== undefined && last.first + last.count === chunk && last.bytes + bytes <= maxRunBytes
    if (joins) runs[runs.length - 1] = { ...last, count: last.count + 1, bytes: last.bytes + bytes }
    else runs.push({ first: chunk, count: 1, offset: list.offsets[chunk]!, bytes })
  }
  return runs
}

function indexOlder(older: readonly ChunkList[]): Map<string, { source: number; offset: number }> {
  const known = new Map<string, { source: number; offset: number }>()
  for (const [source, list] of older.entries()) {
    for (let chunk = 0; chunk < list.count; chunk++) {
      const key = keyOf(list, chunk)
      if (!known.has(key)) known.set(key, { source, offset: list.offsets[chunk]! })
    }
  }
  return known
}

function addCopy(copies: ChunkCopy[], copy: ChunkCopy): void {
  const last = copies.at(-1)
  const joins =
    last?.source === copy.source && last.first + last.count === copy.first && last.offset + last.bytes === copy.offset
  if (joins) copies[copies.length - 1] = { ...last, count: last.count + 1, bytes: last.bytes + copy.bytes }
  else copies.push(copy)
}

function keyOf(list: ChunkList, chunk: number): string {
  const hash = chunkHash(list, chunk)
  return `${Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')}${chunkLength(list, chunk)}`
}

function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}
