import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isRefusal } from '#schemas/refusal.ts'
import { reserveOf } from '#schemas/storage/disk-room.ts'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { configure, openDatabase } from '#schemas/storage/open-database.ts'
import { storageError } from '#schemas/storage/storage-error.ts'

const JOURNAL =
  'CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, hash TEXT NOT NULL, salt TEXT NOT NULL, time TEXT NOT NULL) STRICT;'
const ITEM = 'CREATE TABLE item (id TEXT PRIMARY KEY, value TEXT) STRICT;'
const clock = { stamp: () => '2026-11-24T00:00:00Z' }

function folder(t: Test, ...migrations: string[]): string {
  const dir = t.testdir({ migrations: {} })
  for (const [index, sql] of migrations.entries())
    writeFileSync(join(dir, 'migrations', `00${index + 1}-step.sql`), sql)
  return dir
}

function open(dir: string, create = true) {
  return openDatabase(join(dir, 'x.db'), join(dir, 'migrations'), { create })
}

function codeOf(job: () => unknown): string {
  try {
    job()
    return 'none'
  } catch (error) {
    return isRefusal(error) ? error.code : String(error)
  }
}

t.test('opening', (t) => {
  const dir = folder(t, JOURNAL, ITEM)
  t.equal(
    codeOf(() => open(dir, false)),
    'NOT_INITIALISED',
  )
  t.equal(existsSync(join(dir, 'x.db')), false, 'a refused open leaves nothing behind')
  const db = open(dir)
  t.equal(db.pragma('synchronous', { simple: true }), 2)
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(db.pragma('user_version', { simple: true }), 2)
  t.equal(statSync(join(dir, 'x.db')).mode & 0o777, 0o600)
  db.close()
  const again = open(dir, false)
  t.equal(again.pragma('synchronous', { simple: true }), 2, 'FULL is set again at every opening')
  again.close()
  t.end()
})

t.test('migrating', (t) => {
  const dir = folder(t, JOURNAL)
  const first = open(dir)
  first.exec("INSERT INTO journal (kind, hash, salt, time) VALUES ('a', 'b', 'c', 'd')")
  first.close()
  writeFileSync(join(dir, 'migrations', '002-step.sql'), 'CREATE TABLE broken (;')
  t.throws(() => open(dir))
  writeFileSync(join(dir, 'migrations', '002-step.sql'), ITEM)
  const second = open(dir)
  t.equal(second.pragma('user_version', { simple: true }), 2)
  second.close()
  rmSync(join(dir, 'migrations', '002-step.sql'))
  t.equal(
    codeOf(() => open(dir)),
    'DATABASE_NEWER',
  )
  const copy = openDatabase(join(dir, 'x.db.before-2'), join(dir, 'migrations'), { create: false })
  t.equal(copy.pragma('user_version', { simple: true }), 1, 'the copy is from before')
  t.equal(createJournal(copy, clock).newest(), 1)
  copy.close()
  writeFileSync(join(dir, 'migrations', '003-step.sql'), ITEM)
  t.throws(() => open(dir), /out of order/)
  t.end()
})

t.test('damage', (t) => {
  const dir = folder(t, ITEM)
  const db = open(dir)
  for (let n = 0; n < 2_000; n++) db.prepare('INSERT INTO item VALUES (?, ?)').run(`id-${n}`, 'x'.repeat(100))
  db.close()
  const path = join(dir, 'x.db')
  truncateSync(path, statSync(path).size - 4_096 * 4)
  writeFileSync(`${path}-wal`, Buffer.alloc(32))
  t.equal(
    codeOf(() => open(dir)),
    'DATABASE_DAMAGED',
  )
  writeFileSync(path, 'no database at all '.repeat(100))
  t.equal(
    codeOf(() => open(dir)),
    'DATABASE_DAMAGED',
  )
  t.end()
})

t.test('group commit', async (t) => {
  const db = open(folder(t, JOURNAL, ITEM))
  t.teardown(() => db.close())
  let commits = 0
  const commit = createGroupCommit(db, { committed: () => commits++ })
  const insert = db.prepare('INSERT INTO item VALUES (?, ?)')
  const put = (id: string) => commit(() => insert.run(id, 'x').changes)
  const outcomes = await Promise.allSettled([
    put('a'),
    put('a'),
    put('b'),
    commit(async () => 1),
    commit(() => insert.run('c', 'x') && Promise.resolve(1)),
  ])
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected'],
  )
  t.strictSame(
    db.prepare('SELECT id FROM item ORDER BY id').pluck().all(),
    ['a', 'b'],
    'a job that fails leaves nothing of itself',
  )
  t.equal(commits, 1, 'one transaction for the tick')
  await put('d')
  t.equal(commits, 2)
})

t.test('a full disk fails the batch by name and the next one works', async (t) => {
  const db = open(folder(t, JOURNAL, ITEM))
  t.teardown(() => db.close())
  const commit = createGroupCommit(db)
  const pages = db.pragma('page_count', { simple: true }) as number
  db.pragma(`max_page_count = ${pages + 2}`)
  const outcome = await commit(() =>
    db.prepare('INSERT INTO item VALUES (?, ?)').run('big', 'x'.repeat(100_000)),
  ).catch((error: unknown) => error)
  t.ok(isRefusal(outcome, 'DISK_FULL'))
  t.equal(await commit(() => db.prepare('INSERT INTO item VALUES (?, ?)').run('small', 'x').changes), 1)
  t.strictSame(db.prepare('SELECT id FROM item').pluck().all(), ['small'])
})

t.test('what files leave to the databases, by the size of the disk', async (t) => {
  const mib = 1_048_576
  for (const [disk, reserve] of [
    [4, 1],
    [20, 5],
    [100, 8],
    [2_000, 100],
    [4_000_000, 1_024],
  ] as const)
    t.equal(reserveOf(disk * mib) / mib, reserve, `${disk} MiB`)
})

t.test('a lost write ends the process', async (t) => {
  const db = open(folder(t, ITEM))
  t.teardown(() => db.close())
  const { default: Database } = await import('better-sqlite3')
  const lost = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
  const died = new Error('died')
  t.throws(
    () =>
      storageError(lost, () => {
        throw died
      }),
    died,
  )
  t.ok(
    isRefusal(
      storageError(new Database.SqliteError('full', 'SQLITE_FULL'), () => {
        throw died
      }),
      'DISK_FULL',
    ),
  )
})

t.test('journal', async (t) => {
  const db = open(folder(t, JOURNAL, ITEM))
  t.teardown(() => db.close())
  const commit = createGroupCommit(db)
  const journal = createJournal(db, clock)
  t.throws(() => journal.append('a', 'b'), /transaction/)
  await Promise.allSettled([
    commit(() => journal.append('one', 'aa')),
    commit(() => {
      journal.append('never', 'bb')
      throw new Error('no')
    }),
    commit(() => journal.append('two', 'cc')),
  ])
  t.strictSame(
    journal.after(0, 10).map(({ kind, hash, time }) => [kind, hash, time]),
    [
      ['one', 'aa', '2026-11-24T00:00:00Z'],
      ['two', 'cc', '2026-11-24T00:00:00Z'],
    ],
  )
  t.equal(new Set(journal.after(0, 10).map(({ salt }) => salt)).size, 2)
  t.strictSame(journal.after(journal.newest(), 10), [])
})

t.test('what was answered is there after kill -9', async (t) => {
  const dir = folder(t, ITEM)
  const db = open(dir)
  db.close()
  const script = `
    import { createGroupCommit } from ${JSON.stringify(new URL('../../schemas/storage/group-commit.ts', import.meta.url).href)}
    import { openDatabase } from ${JSON.stringify(new URL('../../schemas/storage/open-database.ts', import.meta.url).href)}
    const db = openDatabase(${JSON.stringify(join(dir, 'x.db'))}, ${JSON.stringify(join(dir, 'migrations'))}, { create: false })
    const commit = createGroupCommit(db)
    for (let n = 0; ; n++) { await commit(() => db.prepare('INSERT INTO item VALUES (?, ?)').run(String(n), 'x')); process.stdout.write(n + '\\n') }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of child.stdout) {
    output += chunk
    if (output.split('\n').length > 20) child.kill('SIGKILL')
  }
  const answered = output.split('\n').slice(0, -1).length
  const after = open(dir, false)
  t.teardown(() => after.close())
  t.ok((after.prepare('SELECT count(*) FROM item').pluck().get() as number) >= answered)
  t.doesNotThrow(() => configure(after))
  t.ok(readFileSync(join(dir, 'x.db')).length > 0)
})
