import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs that tests and benches compare us with, and the Debian packages of each. What lacks one is skipped, by name. */
export const TEST_PROGRAMS = [
  { program: 'openssl', packages: ['openssl'], for: 'test' },
  { program: 'faketime', packages: ['faketime'], for: 'test' },
  // Chromium brings no Chinese letters.
  { program: 'chromium', packages: ['chromium', 'fonts-wqy-microhei'], for: 'test' },
  { program: 'curl', packages: ['curl'], for: 'long' },
  { program: 'nginx', packages: ['nginx-light'], for: 'long' },
] as const

export type TestProgram = (typeof TEST_PROGRAMS)[number]['program']

/** Where Debian puts daemons is not in every user's PATH. */
const programFolders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(Boolean)

/** The program's path, or undefined where it is not installed. */
export function findProgram(program: string): string | undefined {
  return programFolders.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Installs what is missing where we may (root on Debian). Never fails: without a program its tests skip, by name. */
export function installTestPrograms(wanted: 'test' | 'long'): void {
  const missing = TEST_PROGRAMS.filter(
    (row) => (row.for === 'test' || wanted === 'long') && findProgram(row.program) === undefined,
  )
  if (missing.length === 0 || process.getuid?.() !== 0 || findProgram('apt-get') === undefined) return
  const packages = missing.flatMap((row) => row.packages)
  process.stderr.write(`installing Debian packages to compare with: ${packages.join(' ')}\n`)
  // A fresh container has no package lists: fetch them only when the first try shows it.
  if (!aptGet('install', ...packages) && !(aptGet('update') && aptGet('install', ...packages))) {
    process.stderr.write('that did not work; what needs them will be skipped, by name\n')
  }
}

function aptGet(...args: string[]): boolean {
  const options = [
    '-qq',
    '-y',
    '--no-install-recommends',
    '-o',
    'Acquire::Retries=0',
    '-o',
    'Acquire::http::Timeout=15',
  ]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', [...options, ...args], { env, stdio: 'ignore', timeout: 300_000 }).status === 0
}
