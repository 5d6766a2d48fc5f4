// npm run package: one archive in dist/ that runs on a Linux machine where nothing is installed; no Node, no npm.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const PROGRAM = [
  'package.json',
  'README.md',
  'README.zh.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs',
  'pki',
  'schemas',
  'web',
  'node',
  'hub',
  'scripts',
]
/** What only a clone needs: it prepares, tests, measures or packs one. */
const CLONE_ONLY =
  /^scripts\/(bench|check|count-tests|hanghui\.mjs|launch|package|prepare|quickstart|run-tests|run\.mjs|screenshots|test-programs|warm-cache|write-schemas)/
/** What packages carry for those who compile against them or read them; licences stay. */
const NEVER_RUN =
  /\/node-linux-[^/]+\/(include|share|CHANGELOG)|\/better-sqlite3\/(deps|src|binding)|\.(d\.[cm]?ts|map|md|flow)$/

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const name = `hanghui-${version}-${process.platform}-${process.arch}`
const runtime = join('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
const dist = join(root, 'dist')
const archive = join(dist, `${name}.tar.gz`)

if (process.platform !== 'linux' || !existsSync(join(root, runtime))) {
  process.stderr.write(
    'an archive is made on Linux (x64 or arm64), for the same kind of machine: it carries the runtime of this one\n',
  )
  process.exit(1)
}
mkdirSync(dist, { recursive: true })
const stage = mkdtempSync(join(dist, 'stage-'))
try {
  const folder = join(stage, name)
  copyProgram(folder)
  copyPackages(folder)
  writeStart(folder)
  pack(folder)
  tryArchive()
} finally {
  rmSync(stage, { recursive: true, force: true })
}
process.stdout.write(`${relative(root, archive)}  ${(statSync(archive).size / 1e6).toFixed(0)} MB\n`)

function copyProgram(folder: string): void {
  for (const part of PROGRAM.filter((part) => existsSync(join(root, part)))) {
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (source) => !CLONE_ONLY.test(relative(root, source)),
    })
  }
}

/** The packages the lock does not mark as for development, each without those nested in it: they have entries of their own. */
function copyPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const wanted = Object.keys(packages).filter((path) => path !== '' && packages[path]?.dev !== true)
  for (const path of wanted.filter((path) => existsSync(join(root, path)))) {
    const from = join(root, path)
    cpSync(from, join(folder, path), {
      recursive: true,
      filter: (source) => relative(from, source).split('/')[0] !== 'node_modules' && isRun(source),
    })
  }
}

function isRun(path: string): boolean {
  const isOtherPlatform = path.includes('/prebuilds/') && basename(path) !== `linux-${process.arch}.node`
  return !isOtherPlatform && (!NEVER_RUN.test(path) || /licen[cs]e/i.test(basename(path)))
}

/** scripts/hanghui also at the top; RELEASE tells it that nothing is to be installed, .hanghui-prepared which runtime to become. */
function writeStart(folder: string): void {
  cpSync(join(root, 'scripts', 'hanghui'), join(folder, 'hanghui'))
  writeFileSync(join(folder, 'RELEASE'), `${name}\n`)
  writeFileSync(join(folder, 'node_modules', '.hanghui-prepared'), `${os.type()} ${os.machine()}\n${runtime}\n`)
}

/** The same input gives the same bytes: names sorted, owner and times fixed, modes as a careful umask would set them. */
function pack(folder: string): void {
  const fixed = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
    `--mtime=@${lastChange()}`,
  ]
  const tar = spawnSync('tar', ['-C', stage, ...fixed, '-I', 'gzip -n9', '-cf', archive, basename(folder)], {
    stdio: 'inherit',
  })
  if (tar.status !== 0) throw new Error('tar failed')
}

function lastChange(): string {
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' })
  return git.status === 0 ? git.stdout.trim() : '0'
}

/** Unpacked elsewhere, with no environment and nothing in PATH, it must start: what cannot is no release. */
function tryArchive(): void {
  const elsewhere = mkdtempSync(join(os.tmpdir(), 'hanghui-'))
  try {
    const unpack = spawnSync('tar', ['-C', elsewhere, '-xzf', archive], { stdio: 'inherit' })
    const start = spawnSync(join(elsewhere, name, 'hanghui'), ['--help'], {
      cwd: '/',
      env: { PATH: '' },
      encoding: 'utf8',
    })
    if (unpack.status === 0 && start.status === 0) return
    rmSync(archive, { force: true })
    throw new Error(`the archive does not start:\n${start.stdout}${start.stderr}${start.error?.message ?? ''}`)
  } finally {
    rmSync(elsewhere, { recursive: true, force: true })
  }
}
