// npm test [-- FILE-OR-PART-OF-ITS-NAME…] [--long]: runs the tests and ends with one line, `N passed, N failed` (`, N skipped`).
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { countTests, type Tally } from './count-tests.ts'
import { withLock } from './prepare-lock.mjs'
import { installTestPrograms } from './test-programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const tap = join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
const longTimeoutSeconds = 3600

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const files = findTestFiles(values.long, positionals)
if (files.length === 0) {
  process.stderr.write(
    `no test file matches ${positionals.join(' ') || (values.long ? 'test/long/**/*.test.ts' : 'test/**/*.test.ts')}\n`,
  )
  process.exit(2)
}
installTestPrograms(values.long ? 'long' : 'test')
await buildTap()
const tally = await runTap(files, values.long)
for (const name of tally.skipped) process.stdout.write(`skipped: ${name}\n`)
process.stdout.write(
  `${tally.passed} passed, ${tally.failed} failed${tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : ''}\n`,
)
process.exitCode = tally.failed === 0 ? 0 : 1

/** Long tests only when asked for, or when named. */
function findTestFiles(long: boolean, wanted: string[]): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.split(sep).join('/'))
  const chosen = all.filter((file) => wanted.some((part) => file.includes(part.replace(/^\.\//, ''))))
  const isLong = (file: string) => file.startsWith('test/long/')
  return (wanted.length > 0 ? chosen : all.filter((file) => isLong(file) === long)).sort()
}

/** tap writes its own set of plugins out once; left to itself it does so too late and the first run fails. */
async function buildTap(): Promise<void> {
  const settings = readFileSync(join(root, '.taprc'), 'utf8')
  const stamp = join(root, 'node_modules', '.hanghui-tap')
  const isBuilt = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === settings
  if (isBuilt()) return
  await withLock(
    join(root, '.cache', 'tap.lock'),
    () => {},
    async () => {
      if (isBuilt()) return
      process.stderr.write('preparing the test runner (a few seconds, once)\n')
      const { status, stderr } = spawnSync(process.execPath, [tap, 'build'], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      if (status !== 0) throw new Error(`tap build failed:\n${stderr}`)
      writeFileSync(stamp, settings)
    },
  )
}

async function runTap(files: string[], long: boolean): Promise<Tally> {
  const args = ['--reporter=tap', ...(long ? [`--timeout=${longTimeoutSeconds}`, '--jobs=1'] : []), ...files]
  const child = spawn(process.execPath, [tap, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const { parser, tally } = countTests((text) => process.stdout.write(`${text}\n`))
  const parsed = new Promise((resolve) => parser.once('complete', resolve))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdout.pipe(parser)
  const [code] = await Promise.all([ended, parsed])
  if (tally.failed === 0 && (code !== 0 || !parser.results?.ok)) {
    process.stdout.write(`✘ the test runner itself ended with ${code}\n`)
    tally.failed++
  }
  return tally
}
