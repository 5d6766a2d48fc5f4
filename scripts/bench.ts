// npm run bench [-- NAME… | --list]: runs scripts/bench/NAME.ts, or all of them, and prints one line for each measurement.
// A bench that lacks a program is skipped by name, and the command ends with 3. Every line is also kept, with its samples and
// the machine, in .cache/bench.jsonl.
import { spawnSync } from 'node:child_process'
import { appendFileSync, globSync, mkdirSync } from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Bench, describeMeasurement, type Measurement } from './bench-measure.ts'
import { findProgram, installTestPrograms, type TestProgram } from './test-programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const results = join(root, '.cache', 'bench.jsonl')

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const names = globSync('scripts/bench/*.ts', { cwd: root })
  .map((file) => basename(file, '.ts'))
  .sort()
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are: ${names.join(', ') || 'none'}\n`)
  process.exit(2)
}
for (const name of positionals.length > 0 ? positionals : names) {
  const bench = await loadBench(name)
  process.stdout.write(`${name}: ${bench.about}\n`)
  if (values.list) continue
  const missing = findMissing(bench.programs ?? [])
  if (missing.length > 0) {
    process.stderr.write(`  skipped: ${name} needs ${missing.join(', ')}, which is not installed here\n`)
    process.exitCode = 3
  } else await bench.run((measurement) => report(name, measurement))
}

/** Those of a bench's programs that are still lacking after installing them where we may. */
function findMissing(programs: readonly TestProgram[]): readonly TestProgram[] {
  if (programs.length > 0) installTestPrograms('long')
  return programs.filter((program) => findProgram(program) === undefined)
}

async function loadBench(name: string): Promise<Bench> {
  const bench: Bench = await import(pathToFileURL(join(root, 'scripts', 'bench', `${name}.ts`)).href)
  if (bench.name !== name || typeof bench.about !== 'string' || typeof bench.run !== 'function') {
    throw new Error(`scripts/bench/${name}.ts must export name = '${name}', about and run(report)`)
  }
  return bench
}

function report(bench: string, measurement: Measurement): void {
  const line = describeMeasurement(measurement)
  process.stdout.write(`  ${line}\n`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  const entry = {
    time: new Date().toISOString(),
    commit: readCommit(),
    ...describeMachine(),
    bench,
    line,
    ...measurement,
  }
  appendFileSync(results, `${JSON.stringify(entry)}\n`)
}

function readCommit(): string {
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' })
  return git.status === 0 ? git.stdout.trim() : 'unknown'
}

function describeMachine() {
  return { node: process.version, cpu: os.cpus()[0]?.model ?? 'unknown', cpus: os.availableParallelism() }
}
