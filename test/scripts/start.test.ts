import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url))
const program = `
  process.on('SIGTERM', () => process.exit(7))
  process.on('SIGINT', () => process.exit(8))
  if (process.argv[2] === 'serve') setInterval(() => {}, 1000)
  const { execArgv, pid, env } = process
  const settings = [...execArgv, env.MALLOC_ARENA_MAX, env.NODE_COMPILE_CACHE]
  console.log(JSON.stringify({ pid, args: process.argv.slice(2), path: env.PATH, settings }))
  if (process.argv[2] === 'fail') process.exit(3)
`

/** A clone as it is after preparing, with a program of ours in it; a prepare.mjs that only notes that it was called. */
function makeClone(t: Test): string {
  const clone = t.testdir({
    scripts: {},
    node_modules: {},
    elsewhere: {},
    'package.json': '{"type":"module"}',
    'package-lock.json': '{}',
  })
  for (const file of ['hanghui', 'hanghui.mjs', 'run.mjs', 'launch.mjs'])
    cpSync(join(scripts, file), join(clone, 'scripts', file))
  writeFileSync(join(clone, 'scripts/hanghui.ts'), program)
  writeFileSync(
    join(clone, 'scripts/prepare.mjs'),
    `import { writeFileSync } from 'node:fs'
    export const root = ${JSON.stringify(clone)}, compileCache = root + '/.cache'
    export const prepareOrExit = async () => process.execPath
    console.log('noise')
    writeFileSync(root + '/prepared-again', '')`,
  )
  const stamp = [`${os.type()} ${os.machine()}`, process.execPath, ''].join('\n')
  writeFileSync(join(clone, 'node_modules/.hanghui-prepared'), stamp)
  writeFileSync(join(clone, 'node_modules/.hanghui-lock'), '{}')
  return clone
}

const run = (file: string, ...args: string[]) => spawnSync(file, args, { encoding: 'utf8' })

async function readLine(child: ChildProcess): Promise<{ pid: number; args: string[]; path: string }> {
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    const line = String(chunk).match(/^\{.*$/m)
    if (line) return JSON.parse(line[0])
  }
  throw new Error('the program said nothing')
}

t.test('scripts/hanghui becomes the program: same process, its arguments, its exit code', async (t) => {
  const clone = makeClone(t)
  const child = spawn(join(clone, 'scripts/hanghui'), ['serve', 'two words', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid, args } = await readLine(child)
  t.equal(pid, child.pid)
  t.same(args, ['serve', 'two words', ''])
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [7, null])
  t.equal(run(join(clone, 'scripts/hanghui'), 'fail').status, 3)
  t.notOk(existsSync(join(clone, 'prepared-again')), 'what is prepared is not prepared again')
})

t.test('the npm bin is the same program: its arguments, its exit code, its settings, and its process', async (t) => {
  const clone = makeClone(t)
  const child = spawn(process.execPath, [join(clone, 'scripts/hanghui.mjs'), 'serve', 'two words', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid, args } = await readLine(child)
  t.same(args, ['serve', 'two words', ''])
  t.equal(pid, child.pid)
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [7, null])
  const answers = [
    run(process.execPath, join(clone, 'scripts/hanghui.mjs'), 'fail'),
    run(join(clone, 'scripts/hanghui'), 'fail'),
  ]
  t.same(
    answers.map(({ status }) => status),
    [3, 3],
  )
  const [bin, shell] = answers.map(({ stdout }) => JSON.parse(stdout.slice(stdout.indexOf('{'))).settings)
  t.same(bin.slice(0, 2), ['--max-semi-space-size=2', '2'])
  t.same(bin.slice(0, 2), shell.slice(0, 2), 'as scripts/hanghui starts it')
})

t.test('scripts/hanghui finds its clone through symbolic links and without PATH', async (t) => {
  const clone = makeClone(t)
  symlinkSync('../scripts/hanghui', join(clone, 'elsewhere/first'))
  symlinkSync(join(clone, 'elsewhere/first'), join(clone, 'elsewhere/second'))
  for (const PATH of ['/usr/bin:/bin', '']) {
    const { stdout, status } = spawnSync(join(clone, 'elsewhere/second'), ['a'], {
      encoding: 'utf8',
      env: { PATH },
      cwd: '/',
    })
    t.equal(status, 0)
    t.same(JSON.parse(stdout).args, ['a'])
  }
})

t.test(
  'scripts/hanghui prepares again when the lock or the platform is another, and stays silent on standard output',
  async (t) => {
    const changes = {
      lock: (clone: string) => writeFileSync(join(clone, 'package-lock.json'), '{ }'),
      platform: (clone: string) =>
        writeFileSync(join(clone, 'node_modules/.hanghui-prepared'), `Other x\n${process.execPath}\n`),
    }
    for (const [name, change] of Object.entries(changes)) {
      const clone = makeClone(t)
      change(clone)
      const { stdout, stderr } = run(join(clone, 'scripts/hanghui'), 'a')
      t.ok(existsSync(join(clone, 'prepared-again')), name)
      t.same(JSON.parse(stdout).args, ['a'])
      t.match(stderr, 'noise')
    }
  },
)

t.test('an unpacked archive never prepares', async (t) => {
  const clone = makeClone(t)
  writeFileSync(join(clone, 'RELEASE'), 'hanghui')
  writeFileSync(join(clone, 'package-lock.json'), 'another')
  cpSync(join(clone, 'scripts/hanghui'), join(clone, 'hanghui'))
  t.equal(run(join(clone, 'hanghui'), 'a').status, 0)
  t.notOk(existsSync(join(clone, 'prepared-again')))
})

t.test('run.mjs passes signals and the end of its script on, and puts the runtime first in PATH', async (t) => {
  const clone = makeClone(t)
  for (const [signal, code] of [
    ['SIGTERM', 7],
    ['SIGINT', 8],
  ] as const) {
    const child = spawn(process.execPath, [join(clone, 'scripts/run.mjs'), 'scripts/hanghui.ts', 'serve'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.ok((await readLine(child)).path.startsWith(join(clone, 'node_modules/.bin')))
    child.kill(signal)
    t.same(await once(child, 'exit'), [code, null])
  }
  t.equal(run(process.execPath, join(clone, 'scripts/run.mjs'), 'scripts/hanghui.ts', 'fail').status, 3)
  t.equal(run(process.execPath, join(clone, 'scripts/run.mjs')).status, 2)
})

t.test(
  'one process at a time prepares; a holder killed with -9 is taken over, but not before its child has ended',
  async (t) => {
    const folder = t.testdir({
      'hold.mjs': `
    import { withLock } from ${JSON.stringify(join(scripts, 'prepare-lock.mjs'))}
    import { spawn } from 'node:child_process'
    const [guard, childSeconds] = process.argv.slice(2)
    await withLock(guard, () => console.log('waiting'), async (nameChild) => {
      if (childSeconds) nameChild(spawn('sleep', [childSeconds]).pid)
      console.log('held')
      if (childSeconds) await new Promise(() => setInterval(() => {}, 1000))
    })`,
    })
    const guard = join(folder, 'deep/lock')
    const hold = (...args: string[]) =>
      spawn(process.execPath, [join(folder, 'hold.mjs'), guard, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const says = async (child: ReturnType<typeof hold>, word: string) => {
      for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes(word)) return true
      return false
    }

    const first = hold('60')
    t.ok(await says(first, 'held'))
    const second = hold()
    t.ok(await says(second, 'waiting'))
    const [, sleeper] = JSON.parse(readFileSync(guard, 'utf8')).pids
    first.kill('SIGKILL')
    await once(first, 'exit')
    t.ok(existsSync(guard), 'the orphan still writes')
    process.kill(sleeper)
    t.ok(await says(second, 'held'))
    await once(second, 'exit')
    t.notOk(existsSync(guard), 'nothing is left behind')

    writeFileSync(guard, '')
    t.ok(await says(hold(), 'held'), 'an empty lock, as a power cut leaves it, holds nobody')
  },
)
