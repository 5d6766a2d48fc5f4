import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { findParameters } from '../../node/chunks/chunk-parameters.ts'
import { planChunks } from '../../node/chunks/diff-chunks.ts'
import { hashFile, verifyFile } from '../../node/chunks/hash-file.ts'
import { PartialFile } from '../../node/chunks/partial-file.ts'
import { makeBlocks, RunWriter } from '../../node/chunks/run-writer.ts'
import { cutBytes, listOf, pseudoRandom, TINY } from './made-chunks.ts'

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'hanghui-partial-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const content = pseudoRandom(6 * MIB, 11)
const list = listOf(cutBytes(content, { ...TINY, minBytes: 16_384, averageBytes: 65_536, maxBytes: 262_144 }, MIB))
const sha256 = createHash('sha256').update(content).digest('hex')
const chunkOf = (chunk: number) => content.subarray(list.offsets[chunk], list.offsets[chunk + 1])
let made = 0
const newPath = () => join(folder, `file-${made++}`)

/** A source in pieces of `step` bytes, as a network delivers them. */
function* pieces(bytes: Uint8Array, step: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

t.test('a file is received in runs, verified, and named last', async (t) => {
  const path = newPath()
  const file = await PartialFile.open(`${path}.part`, list)
  t.equal(file.foundBytes, 0)
  const told: number[] = []
  for (const { first, count, offset, bytes } of file.missing(MIB)) {
    const received = await file.receive(first, count, pieces(content.subarray(offset, offset + bytes), 16_000), (n) =>
      told.push(n),
    )
    t.equal(received, bytes)
  }
  t.strictSame(file.missing(MIB), [])
  t.equal(file.foundBytes, content.length)
  t.equal(
    told.reduce((sum, bytes) => sum + bytes, 0),
    content.length,
  )
  t.notOk(existsSync(path), 'no final name before all is verified')
  await file.complete(path, sha256)
  t.notOk(existsSync(`${path}.part`))
  t.ok(readFileSync(path).equals(content))
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('runs are received side by side', async (t) => {
  const path = newPath()
  const file = await PartialFile.open(`${path}.part`, list)
  await Promise.all(
    file
      .missing(MIB)
      .map(({ first, count, offset, bytes }) =>
        file.receive(first, count, pieces(content.subarray(offset, offset + bytes), 50_000)),
      ),
  )
  await file.complete(path, sha256)
  t.ok(readFileSync(path).equals(content))
})

t.test('after a kill only whole, right chunks count', async (t) => {
  const path = newPath()
  const file = await PartialFile.open(path, list)
  for (const chunk of [0, 1, 5, 9]) await file.receive(chunk, 1, [chunkOf(chunk)])
  t.equal(
    await file.receive(20, 10, pieces(content.subarray(list.offsets[20], (list.offsets[22] ?? 0) + 10), 1000)),
    chunkOf(20).length + chunkOf(21).length,
  )
  await file.close()
  // What a kill in the middle of a write leaves: half of chunk 12; and a disk that lost a bit of chunk 5.
  const bytes = readFileSync(path)
  chunkOf(12).subarray(0, 1000).copy(bytes, list.offsets[12])
  bytes[(list.offsets[5] ?? 0) + 7]! ^= 1
  writeFileSync(path, bytes)
  const again = await PartialFile.open(path, list)
  const there = Array.from({ length: list.count }, (_, chunk) => chunk).filter((chunk) => again.has(chunk))
  t.strictSame(there, [0, 1, 9, 20, 21])
  t.equal(
    again.foundBytes,
    there.reduce((sum, chunk) => sum + chunkOf(chunk).length, 0),
  )
  t.equal(again.missing(Number.MAX_SAFE_INTEGER)[0]?.first, 2, 'goes on at the first missing chunk')
  await again.close()
  truncateSync(path, (list.offsets[1] ?? 0) + 3)
  const shorter = await PartialFile.open(path, list)
  t.ok(shorter.has(0) && !shorter.has(1), 'a file cut short')
  t.equal(statSync(path).size, content.length)
  await shorter.close()
  await shorter.close()
})

t.test('a tampered chunk is refused and nothing of it counts', async (t) => {
  const file = await PartialFile.open(newPath(), list)
  const wrong = Buffer.from(chunkOf(3))
  wrong[0]! ^= 1
  await t.rejects(file.receive(3, 1, [wrong]), { code: 'CHUNK_TAMPERED', facts: { chunk: 3 } })
  t.equal(await file.receive(3, 1, [chunkOf(3).subarray(1)]), 0, 'too few bytes')
  await t.rejects(file.receive(4, 1, [chunkOf(3)]), { code: 'CHUNK_TAMPERED' }, 'the right bytes at another place')
  const run = Buffer.from(content.subarray(0, list.offsets[10]))
  run[(list.offsets[6] ?? 0) + 5]! ^= 0x80
  await t.rejects(file.receive(0, 10, pieces(run, 9000)), { code: 'CHUNK_TAMPERED', facts: { chunk: 6 } })
  t.ok(file.has(5) && !file.has(6), 'what came before it is kept')
  const surplus = Buffer.concat([chunkOf(7), Buffer.from('x')])
  await t.rejects(file.receive(7, 1, [surplus]), {
    code: 'CHUNK_TAMPERED',
    facts: { reason: 'more bytes than the run has' },
  })
  t.ok(
    readFileSync(file.path)
      .subarray(list.offsets[6], list.offsets[7])
      .every((byte) => byte === 0),
    'nothing written',
  )
  await t.rejects(file.complete(newPath(), sha256), /runs are still missing/)
  await file.close()
})

t.test('a list that does not fit its own file hash gives no file', async (t) => {
  const path = newPath()
  const file = await PartialFile.open(`${path}.part`, list)
  await file.receive(0, list.count, pieces(content, MIB))
  await t.rejects(file.complete(path, '0'.repeat(64)), { code: 'FILE_TAMPERED' })
  t.notOk(existsSync(path))
  await file.close()
})

t.test('older files give their chunks, damaged ones do not', async (t) => {
  const oldPath = newPath()
  const old = Buffer.concat([content.subarray(MIB), content.subarray(0, 100_000)])
  const oldList = listOf(cutBytes(old, { ...TINY, minBytes: 16_384, averageBytes: 65_536, maxBytes: 262_144 }, MIB))
  const plan = planChunks(list, [oldList], { has: () => false, maxRunBytes: MIB })
  t.ok(plan.copyBytes > 4 * MIB)
  const spoilt = plan.copies.find(({ count }) => count > 2)!
  old[spoilt.offset + chunkOf(spoilt.first).length + 1]! ^= 1
  writeFileSync(oldPath, old)
  const path = newPath()
  const file = await PartialFile.open(`${path}.part`, list)
  t.equal(await file.copy(newPath(), spoilt), 0, 'an older file that is gone')
  let copied = 0
  for (const copy of plan.copies) copied += await file.copy(oldPath, copy)
  t.equal(copied, plan.copyBytes - chunkOf(spoilt.first + 1).length)
  t.ok(
    file.has(spoilt.first) && !file.has(spoilt.first + 1) && file.has(spoilt.first + 2),
    'only the damaged chunk is missing',
  )
  for (const { first, count, offset, bytes } of file.missing(MIB))
    await file.receive(first, count, [content.subarray(offset, offset + bytes)])
  await file.complete(path, sha256)
  t.ok(readFileSync(path).equals(content))
})

t.test('what repeats within a file is fetched once', async (t) => {
  const block = pseudoRandom(MIB, 21)
  const repeated = Buffer.concat([block, block, block, block])
  const cut = cutBytes(repeated, findParameters('gear1-64k')!, MIB)
  const own = listOf(cut)
  const plan = planChunks(own, [], { has: () => false, maxRunBytes: MIB })
  t.ok(plan.fetchBytes < 2 * MIB, 'less than half is fetched')
  const path = newPath()
  const file = await PartialFile.open(`${path}.part`, own)
  t.equal(await file.repeat(plan.repeats), 0, 'nothing to repeat yet')
  for (const { first, count, offset, bytes } of plan.runs)
    await file.receive(first, count, [repeated.subarray(offset, offset + bytes)])
  t.equal(await file.repeat(plan.repeats), repeated.length - plan.fetchBytes)
  await file.complete(path, cut.sha256)
  t.ok(readFileSync(path).equals(repeated))
})

t.test('chunks longer than a block come in parts and count with the last', async (t) => {
  const large = { id: 'large', minBytes: 2 * MIB, averageBytes: 4 * MIB, maxBytes: 8 * MIB }
  const bytes = pseudoRandom(13 * MIB, 31)
  const long = listOf(cutBytes(bytes, large, MIB), large)
  const verified: number[] = []
  let longest = 0
  const writer = new RunWriter(long, { first: 0, count: long.count }, makeBlocks(), async (block, offset, chunks) => {
    longest = Math.max(longest, block.length)
    t.ok(Buffer.from(block).equals(bytes.subarray(offset, offset + block.length)))
    verified.push(...chunks)
  })
  for (const piece of pieces(bytes, 70_000)) await writer.take(piece)
  await writer.end()
  t.equal(longest, MIB)
  t.strictSame(
    verified,
    Array.from({ length: long.count }, (_, chunk) => chunk),
  )
  const wrong = Buffer.from(bytes)
  wrong[(long.offsets[1] ?? 0) + 5]! ^= 1
  const file = await PartialFile.open(newPath(), long)
  await t.rejects(file.receive(0, long.count, pieces(wrong, 70_000)), { code: 'CHUNK_TAMPERED', facts: { chunk: 1 } })
  t.ok(file.has(0) && !file.has(1))
  await file.close()
  const again = await PartialFile.open(file.path, long)
  t.ok(again.has(0) && !again.has(1), 'found again in a thread; the tampered chunk is not')
  await again.close()
})

t.test('pieces that come while a block is being written, pause or not, are all kept, in order', async (t) => {
  const whole = fc.asyncProperty(
    fc.integer({ min: 1000, max: 400_000 }),
    fc.nat(40),
    fc.nat(30),
    fc.infiniteStream(fc.nat(3)),
    async (step, first, more, delays) => {
      const count = Math.min(more + 1, list.count - first)
      const start = list.offsets[first] as number
      const run = content.subarray(start, list.offsets[first + count])
      const written = Buffer.alloc(run.length)
      const seen: number[] = []
      const small = [new Uint8Array(300_000), new Uint8Array(300_000)] as const
      const writer = new RunWriter(list, { first, count }, small, async (bytes, offset, verified) => {
        // Disks answer after some turns of the loop; the block must not change until then.
        for (let turns = delays.next().value as number; turns > 0; turns--) await new Promise(setImmediate)
        written.set(bytes, offset - start)
        seen.push(...verified)
      })
      const piece = Buffer.alloc(step)
      for (const given of pieces(run, step)) {
        // One buffer for all pieces, as a socket's: what is not taken in the call is overwritten.
        piece.set(given)
        const pause = writer.take(piece.subarray(0, given.length))
        if (delays.next().value === 0) await pause
      }
      await writer.end()
      return written.equals(run) && seen.length === count && seen.every((chunk, at) => chunk === first + at)
    },
  )
  await t.resolves(fc.assert(whole, { numRuns: 60 }))
})

t.test('a disk that fails is told to whoever sends, and the blocks are free again', async (t) => {
  const writer = new RunWriter(list, { first: 0, count: list.count }, makeBlocks(), async () => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  })
  const send = async () => {
    for (const piece of pieces(content, 65_536)) await writer.take(piece)
  }
  await t.rejects(send(), { code: 'ENOSPC' })
  await t.rejects(writer.end(), { code: 'ENOSPC' })
})

t.test('a planted link is not followed', async (t) => {
  const victim = newPath()
  writeFileSync(victim, 'precious')
  const link = newPath()
  symlinkSync(victim, link)
  await t.rejects(PartialFile.open(link, list), { code: 'ELOOP' })
  t.equal(readFileSync(victim, 'utf8'), 'precious')
})

t.test('an empty file needs no chunk', async (t) => {
  const path = newPath()
  const empty = listOf({ list: new Uint8Array(0), bytes: 0 })
  const file = await PartialFile.open(`${path}.part`, empty)
  t.strictSame(file.missing(MIB), [])
  await file.complete(path, createHash('sha256').digest('hex'))
  t.equal(statSync(path).size, 0)
  t.equal((await hashFile(path)).bytes, 0)
  await t.rejects(verifyFile(path, { sha256, bytes: 0 }), { code: 'FILE_TAMPERED' })
})
