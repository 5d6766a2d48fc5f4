// npm test [-- FILE-OR-PART-OF-ITS-NAME…] [--long]: runs the tests and ends with one line, `N passed, N failed` (`, N skipped`).
// Each file is run by Node itself: tap's own runner changes the environment and options of every process that a test starts,
// so that a server, a child without permissions or a start-up time under test would not be the ones users get.
import { globSync } from 'node:fs'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type FileResult, runTestFile } from './run-test-file.ts'
import { installTestPrograms } from './test-programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const PACE = {
  usual: { atOnce: 2, timeoutSeconds: 300 },
  long: { atOnce: 1, timeoutSeconds: 3600 },
} as const

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const files = findTestFiles(values.long, positionals)
if (files.length === 0) {
  process.stderr.write(`no test file matches ${positionals.join(' ') || (values.long ? 'test/long' : 'test')}\n`)
  process.exit(2)
}
const isLongRun = files.some(isLong)
installTestPrograms(isLongRun ? 'long' : 'test')
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
const results = await runAll(files, PACE[isLongRun ? 'long' : 'usual'])
const skipped = results.flatMap(({ tally }) => tally.skipped)
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`)
const passed = results.reduce((sum, { tally }) => sum + tally.passed, 0)
const failed = results.reduce((sum, { tally }) => sum + tally.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`)
process.exitCode = stop.signal.aborted ? 130 : failed === 0 ? 0 : 1

/** Long tests only when asked for, or when named. */
function findTestFiles(long: boolean, wanted: string[]): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.split(sep).join('/'))
  const chosen = all.filter((file) => wanted.some((part) => file.includes(part.replace(/^\.\//, ''))))
  return (wanted.length > 0 ? chosen : all.filter((file) => isLong(file) === long)).sort()
}

function isLong(file: string): boolean {
  return file.startsWith('test/long/')
}

/** Some files at a time; each is shown as one piece when it ends, its failures first. */
async function runAll(
  files: readonly string[],
  pace: { atOnce: number; timeoutSeconds: number },
): Promise<FileResult[]> {
  const results: FileResult[] = []
  const waiting = files.values()
  const runNext = async () => {
    for (const file of waiting) {
      if (stop.signal.aborted) return
      const result = await runTestFile(file, root, pace.timeoutSeconds, stop.signal)
      results.push(result)
      show(result)
    }
  }
  await Promise.all(Array.from({ length: pace.atOnce }, runNext))
  return results.sort((a, b) => (a.file < b.file ? -1 : 1))
}

function show({ file, tally, text, seconds }: FileResult): void {
  if (text !== '') process.stdout.write(`${text}\n`)
  const counts = `${tally.passed} passed${tally.failed > 0 ? `, ${tally.failed} failed` : ''}`
  process.stdout.write(`${tally.failed === 0 ? '✔' : '✘'} ${file}  ${counts}  ${seconds.toFixed(1)} s\n`)
}
