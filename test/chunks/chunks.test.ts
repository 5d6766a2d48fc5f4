import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { chunkFile } from '../../node/chunks/chunk-file.ts'
import { type ChunkEntry, chunkHash, encodeChunkList, parseChunkList } from '../../node/chunks/chunk-list.ts'
import {
  CHUNK_LIST_LIMITS,
  CHUNK_PARAMETERS,
  chooseParameters,
  findParameters,
  nextParameters,
} from '../../node/chunks/chunk-parameters.ts'
import { coalesceRuns, planChunks } from '../../node/chunks/diff-chunks.ts'
import { createGearTable } from '../../node/chunks/gear.ts'
import {
  countedBytes,
  cutBytes,
  lengthsByDefinition,
  lengthsOf,
  listOf,
  listOfLetters,
  pseudoRandom,
  TINY,
} from './made-chunks.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SMALLEST = CHUNK_PARAMETERS[0]
const folder = mkdtempSync(join(tmpdir(), 'hanghui-chunks-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('parameters keep a list small up to a tebibyte and beyond', async (t) => {
  for (const bytes of [0, 1, MIB, 1024 * MIB, 1024 ** 4]) {
    const { averageBytes } = chooseParameters(bytes)
    t.ok(bytes / averageBytes < 20_000, `${bytes} bytes in sets of ${averageBytes}`)
  }
  t.equal(chooseParameters(1024 * MIB).id, 'gear1-64k')
  t.equal(chooseParameters(1024 * MIB + 1).id, 'gear1-128k')
  t.equal(chooseParameters(2 ** 52).id, 'gear1-128m')
  t.equal(findParameters('gear1-1m')?.averageBytes, MIB)
  t.equal(findParameters('constructor'), undefined)
  t.equal(nextParameters(SMALLEST)?.id, 'gear1-128k')
  t.equal(nextParameters(chooseParameters(2 ** 52)), undefined)
})

t.test('gear table and boundaries are the same everywhere', async (t) => {
  const table = createGearTable()
  const words = Buffer.alloc(1024)
  for (const [value, word] of table.entries()) words.writeInt32BE(word, value * 4)
  t.equal(
    createHash('sha256').update(words).digest('hex'),
    '7a3d24d466088248ceedd38e1cebd836b81dfcaaa14091f9cbfad41f0d1256b2',
  )
  const cut = cutBytes(countedBytes(2 * MIB), SMALLEST, 4 * MIB)
  t.equal(cut.bytes, 2 * MIB)
  t.equal(
    createHash('sha256').update(cut.list).digest('hex'),
    '440c9d988ff96047143b9179943accfab83c3d06dc79766af14755b344caad2d',
  )
  t.strictSame(lengthsOf(listOf(cut)).slice(0, 3), [108084, 27126, 42338])
})

t.test('boundaries are those of the definition, whatever the reads', async (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 700 }), (seed, step) => {
      const bytes = pseudoRandom(20_000, seed)
      const cut = cutBytes(bytes, TINY, step)
      t.strictSame(lengthsOf(listOf(cut, TINY)), lengthsByDefinition(bytes, TINY))
    }),
    { numRuns: 20 },
  )
})

t.test('bytes without any variety are cut at the longest', async (t) => {
  const { list } = cutBytes(Buffer.alloc(MIB + 5), SMALLEST, MIB)
  const lengths = lengthsOf(listOf({ list, bytes: MIB + 5 }))
  t.strictSame(lengths, [...Array(4).fill(SMALLEST.maxBytes), 5])
})

t.test('a file is chunked in a thread', async (t) => {
  const path = join(folder, 'forty.bin')
  const bytes = pseudoRandom(40 * MIB, 3)
  writeFileSync(path, bytes)
  const progress: number[] = []
  const cut = await chunkFile(path, SMALLEST, (done) => progress.push(done))
  t.equal(cut.sha256, createHash('sha256').update(bytes).digest('hex'))
  t.equal(cut.bytes, bytes.length)
  t.equal(cut.parameters.id, 'gear1-64k')
  t.same(cut.list, cutBytes(bytes, SMALLEST, 4 * MIB).list)
  t.ok(progress.length >= 2 && progress.every((done) => done <= bytes.length), 'progress is told')
  const list = listOf(cut)
  for (let chunk = 0; chunk < list.count; chunk += 50) {
    const part = bytes.subarray(list.offsets[chunk], list.offsets[chunk + 1])
    t.same(Buffer.from(chunkHash(list, chunk)), createHash('sha256').update(part).digest())
  }
  await t.rejects(chunkFile(join(folder, 'absent'), SMALLEST), { code: 'ENOENT' })
  await t.rejects(chunkFile(path, SMALLEST, undefined, AbortSignal.abort(new Error('stopped'))), { message: 'stopped' })
  const stop = new AbortController()
  const stopped = chunkFile(path, SMALLEST, () => stop.abort(new Error('halfway')), stop.signal)
  await t.rejects(stopped, { message: 'halfway' })
})

t.test('an empty file has an empty list', async (t) => {
  const path = join(folder, 'empty')
  writeFileSync(path, '')
  const cut = await chunkFile(path, SMALLEST)
  t.equal(cut.sha256, createHash('sha256').digest('hex'))
  t.equal(cut.list.length, 0)
  t.equal(parseChunkList(cut.list, { fileBytes: 0, parameters: SMALLEST }).count, 0)
})

t.test('a list that would pass 1 MiB is not made', async (t) => {
  const dense = { id: 'dense', minBytes: 33, averageBytes: 64, maxBytes: 80 }
  t.equal(cutBytes(pseudoRandom(3 * MIB, 9), dense, MIB), undefined)
})

t.test('a list from a stranger is refused unless it is whole and within bounds', async (t) => {
  const { list } = cutBytes(pseudoRandom(MIB, 5), SMALLEST, MIB)
  const bounds = { fileBytes: MIB, parameters: SMALLEST }
  const refused = (bytes: Uint8Array, reason: string, other: object = {}) =>
    t.throws(() => parseChunkList(bytes, { ...bounds, ...other }), { code: 'CHUNK_LIST_INVALID', facts: { reason } })
  t.equal(parseChunkList(list, bounds).fileBytes, MIB)
  refused(list.subarray(1), 'the list is not a whole number of entries')
  refused(list.subarray(36), 'the chunks do not add up to the file')
  refused(list, 'the chunks do not add up to the file', { fileBytes: MIB + 1 })
  refused(list, 'the size of the file is not a whole number', { fileBytes: Number.NaN })
  refused(new Uint8Array(CHUNK_LIST_LIMITS.maxBytes + 1), 'the list passes 1 MiB')
  const entry = (length: number): ChunkEntry => ({ length, sha256: new Uint8Array(32) })
  const of = (...lengths: number[]) => encodeChunkList(lengths.map(entry))
  refused(of(16 * KIB - 1, 1), 'a chunk is out of bounds', { fileBytes: 16 * KIB })
  refused(of(256 * KIB + 1), 'a chunk is out of bounds', { fileBytes: 256 * KIB + 1 })
  refused(of(16 * KIB, 0), 'a chunk is out of bounds', { fileBytes: 16 * KIB })
  t.equal(parseChunkList(of(16 * KIB, 1), { ...bounds, fileBytes: 16 * KIB + 1 }).count, 2)
  t.throws(() => encodeChunkList([{ length: 1, sha256: new Uint8Array(31) }]), TypeError)
})

t.test('what is encoded is read back', async (t) => {
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const entries = fc.array(fc.record({ length: fc.integer({ min: 16 * KIB, max: 256 * KIB }), sha256: digest }))
  fc.assert(
    fc.property(entries, (chunks) => {
      const fileBytes = chunks.reduce((sum, { length }) => sum + length, 0)
      const list = parseChunkList(encodeChunkList(chunks), { fileBytes, parameters: SMALLEST })
      const back = chunks.map((_, chunk) => Buffer.from(chunkHash(list, chunk)).toString('hex'))
      t.strictSame(
        lengthsOf(list),
        chunks.map(({ length }) => length),
      )
      t.strictSame(
        back,
        chunks.map(({ sha256 }) => Buffer.from(sha256).toString('hex')),
      )
    }),
    { numRuns: 30 },
  )
})

t.test('one per cent changed in 8 places and one per cent put in at 8 others moves under 5 %', async (t) => {
  const bytes = pseudoRandom(64 * MIB, 7)
  const part = Math.floor(bytes.length / 800)
  const pieces: Uint8Array[] = []
  for (let eighth = 0; eighth < 8; eighth++) {
    const slice = Buffer.from(bytes.subarray(eighth * 8 * MIB, (eighth + 1) * 8 * MIB))
    randomBytes(part).copy(slice, 2 * MIB)
    pieces.push(slice.subarray(0, 6 * MIB), randomBytes(part), slice.subarray(6 * MIB))
  }
  const older = listOf(cutBytes(bytes, SMALLEST, 4 * MIB))
  const newer = listOf(cutBytes(Buffer.concat(pieces), SMALLEST, 4 * MIB))
  const plan = planChunks(newer, [older], { has: () => false, maxRunBytes: 8 * MIB })
  t.ok(plan.fetchBytes < 0.05 * newer.fileBytes, `${((100 * plan.fetchBytes) / newer.fileBytes).toFixed(2)} % moves`)
  t.ok(plan.fetchBytes > 0.02 * newer.fileBytes, 'and what changed does move')
  t.equal(plan.copyBytes + plan.fetchBytes, newer.fileBytes)
})

t.test('a plan covers every chunk once, from where the bytes are, deterministically', async (t) => {
  const letters = fc.array(fc.nat(5), { maxLength: 25 })
  const had = fc.array(fc.boolean(), { minLength: 25, maxLength: 25 })
  const olds = fc.array(letters, { maxLength: 3 })
  fc.assert(
    fc.property(letters, olds, had, fc.integer({ min: 1, max: 200 * KIB }), (wanted, olders, there, maxRunBytes) => {
      const [list, older] = [listOfLetters(wanted), olders.map(listOfLetters)]
      const has = (chunk: number) => there[chunk] === true
      const plan = planChunks(list, older, { has, maxRunBytes })
      const times = wanted.map((_, chunk): number => (has(chunk) ? 1 : 0))
      const note = (chunk: number) => times.splice(chunk, 1, (times[chunk] ?? 0) + 1)
      let good = JSON.stringify(planChunks(list, older, { has, maxRunBytes })) === JSON.stringify(plan)
      for (const copy of plan.copies) {
        const start = older[copy.source]?.offsets.indexOf(copy.offset) ?? -1
        for (let at = 0; at < copy.count; at++) {
          note(copy.first + at)
          good &&= olders[copy.source]?.[start + at] === wanted[copy.first + at]
        }
      }
      for (const run of plan.runs) {
        good &&= run.offset === list.offsets[run.first] && (run.count === 1 || run.bytes <= maxRunBytes)
        good &&= run.bytes === (list.offsets[run.first + run.count] ?? 0) - run.offset
        for (let at = 0; at < run.count; at++) {
          note(run.first + at)
          good &&= !olders.flat().includes(wanted[run.first + at] ?? -1)
        }
      }
      for (const { chunk, of } of plan.repeats) {
        note(chunk)
        good &&= wanted[of] === wanted[chunk] && !plan.repeats.some((other) => other.chunk === of)
      }
      return good && times.every((seen) => seen === 1)
    }),
    { numRuns: 200 },
  )
  t.pass('200 random plans hold')
})

t.test('runs stop at gaps and at their longest', async (t) => {
  const runs = coalesceRuns(listOfLetters([0, 1, 2, 3, 4]), (chunk) => chunk !== 2, 70 * KIB)
  t.strictSame(
    runs.map(({ first, count }) => [first, count]),
    [
      [0, 2],
      [3, 1],
      [4, 1],
    ],
  )
})
