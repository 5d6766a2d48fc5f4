import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sha256 } from '#schemas/hash.ts'
import { placeFiles } from '../../scripts/cli/place-files.ts'
import { agree, metaOf, publish, refusalOf } from '../kit/act.ts'
import { startNetwork } from '../kit/start-network.ts'
import { runWith } from './fake-server.ts'

const TABLE = '月份,产量\n2026-01,12\n2026-02,13\n'

t.test('a pull counts as handed over once its files stand where they were asked for', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const owner = network.node('alice')
  const consumer = network.node('ministry')
  const { dataset, bytes } = await publish(owner, 'output.csv', TABLE, metaOf('output'))
  await agree(network, consumer, owner, dataset, { pulls: 1 })
  const dir = t.testdir({ taken: { 'output.csv': 'mine' }, file: '' })
  const pull = async (out: string) => {
    const { stdout } = await runWith(
      ['node', 'pull', dataset, '-o', join(dir, out), '--json', '--data', consumer.dataDir],
      process.env,
    )
    return JSON.parse(stdout)
  }
  t.equal((await pull('taken')).code, 'FILE_EXISTS')
  t.equal((await pull('file')).code, 'FILE_EXISTS', 'no folder')

  await publish(owner, 'output.csv', `${TABLE}2026-03,14\n`, metaOf('output'))
  const killed = spawnSync(process.execPath, ['-e', ''])
  mkdirSync(join(dir, 'good'))
  writeFileSync(join(dir, 'good', `.partial-${killed.pid}-0`), 'of a killed command')
  const pulled = await pull('good')
  t.match(
    pulled,
    { version: 1, bytes, fetchedBytes: bytes, pullsSpent: true },
    'the same pull, though a newer version is out',
  )
  t.same(readdirSync(join(dir, 'good')).sort(), ['output-v1.proof.json', 'output.csv'])
  t.equal(readFileSync(join(dir, 'good', 'output.csv'), 'utf8'), TABLE)
  t.equal((await pull('more')).code, 'PULLS_SPENT', 'handed over')
  t.equal(await refusalOf(() => consumer.call('pull-taken', { pull: '0'.repeat(64) })), 'PULL_UNKNOWN')
})

t.test('what an equal command has written meanwhile is kept; anything else is not overwritten', async (t) => {
  const dir = t.testdir({})
  const file = { sha256: sha256(TABLE), bytes: Buffer.byteLength(TABLE), handle: '' }
  const placeWhile = (path: string, written: string) =>
    placeFiles(dir, [{ ...file, path }], async (_, partial) => {
      writeFileSync(partial, TABLE)
      writeFileSync(join(dir, path), written)
      return file.sha256
    })
  await placeWhile('a.csv', TABLE)
  await t.rejects(placeWhile('b.csv', 'mine'), { code: 'FILE_EXISTS' })
  t.same(readdirSync(dir).sort(), ['a.csv', 'b.csv'])
  t.equal(readFileSync(join(dir, 'b.csv'), 'utf8'), 'mine')
})
