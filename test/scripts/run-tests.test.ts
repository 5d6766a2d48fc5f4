import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runTestFile } from '../../scripts/run-test-file.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const never = 'await new Promise(() => setInterval(() => {}, 1000))'

/** A test file's body, and what it must come to: passed, failed, skipped. */
const CASES = {
  holds: ["t.test('a', async (t) => { t.ok(1); t.test('b', async (t) => { t.ok(1) }) })", 2, 0, 0],
  fails: ["t.ok(1); t.test('a', async (t) => { t.equal(1, 2); t.equal(1, 1) })", 2, 1, 0],
  throws: ["t.test('a', async (t) => { t.ok(1); throw new Error('boom') })", 1, 1, 0],
  'breaks its plan': ["t.test('a', async (t) => { t.plan(2); t.ok(1) })", 1, 1, 0],
  'ends badly after all held': ["t.ok(1); process.on('exit', () => process.exit(3))", 1, 1, 0],
  'is killed': ["t.ok(1); process.kill(process.pid, 'SIGKILL')", 1, 1, 0],
  'is no TypeScript': ['const = 1', 0, 1, 0],
  'holds no test': ['', 0, 1, 0],
  hangs: [`t.ok(1); t.test('a', async () => { ${never} })`, 1, 1, 0],
  'asserts nothing but does not throw': ["t.test('a', async () => {})", 1, 0, 0],
  'skips a part': ["t.ok(1); t.test('a', { skip: 'no openssl' }, async () => {})", 1, 0, 1],
  'skips itself': ["t.plan(0, 'no openssl')", 0, 0, 1],
} as const

for (const [name, [body, passed, failed, skipped]] of Object.entries(CASES)) {
  t.test(`a file that ${name}`, async (t) => {
    const folder = t.testdir({ 'case.test.ts': `import t from 'tap'\n${body}\n` })
    const { tally, text } = await runTestFile(join(folder, 'case.test.ts'), root, 2, AbortSignal.any([]))
    t.same([tally.passed, tally.failed, tally.skipped.length], [passed, failed, skipped], text)
    if (skipped > 0) t.match(tally.skipped[0], 'no openssl')
    if (failed > 0) t.match(text, 'case.test.ts')
  })
}

t.test(
  'what a file started and left behind ends with it',
  { skip: process.platform !== 'linux' && 'reads /proc' },
  async (t) => {
    const folder = t.testdir({
      'case.test.ts': `import { spawn } from 'node:child_process'
      import t from 'tap'
      const child = spawn('sleep', ['60'], { stdio: 'inherit' })
      child.unref()
      console.log('pid=' + child.pid)
      t.ok(child.pid)`,
    })
    const { text } = await runTestFile(join(folder, 'case.test.ts'), root, 10, AbortSignal.any([]))
    const pid = text.match(/^pid=(\d+)$/m)?.[1] ?? t.fail(text)
    for (let tries = 0; tries < 100 && isRunning(String(pid)); tries++) await setTimeout(20)
    t.notOk(isRunning(String(pid)))
  },
)

/** A killed process stays listed as a zombie until whoever adopted it takes note. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
