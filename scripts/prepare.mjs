// Prepares a clone: what package-lock.json names is installed and the runtime that travels with it starts.
// Plain JavaScript on Node's built-ins, because in a bare clone an older Node of the machine runs it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, isInstalled } from './prepare-install.mjs'
import { withLock } from './prepare-lock.mjs'
import { sayIn } from './prepare-texts.mjs'

/** The clone's own folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))
/** Where compiled code is kept between starts; what cannot be written there is compiled again. */
export const compileCache = join(root, '.cache', 'compiled')

const lockFile = join(root, 'package-lock.json')
// scripts/hanghui reads these two without starting a Node: a copy of the lock, and platform and runtime one per line.
const lockCopy = join(root, 'node_modules', '.hanghui-lock')
const stampFile = join(root, 'node_modules', '.hanghui-prepared')
const platform = `${os.type()} ${os.machine()}`

/**
 * Installs if the lock or the platform changed since the last time, and returns the path of a Node 26.
 * Throws an Error whose message is one sentence for people. Writes to standard error only.
 */
export async function prepare() {
  const known = findPrepared()
  if (known) return known
  const guard = join(root, '.cache', 'prepare.lock')
  return withLock(
    guard,
    () => process.stderr.write(`${sayIn('waiting')}\n`),
    async (nameChild) => {
      const meanwhile = findPrepared()
      if (meanwhile) return meanwhile
      if (!isInstalled(root)) await install(root, nameChild)
      const runtime = findRuntime()
      warmCache(resolve(root, runtime))
      writeStamp(runtime)
      return resolve(root, runtime)
    },
  )
}

/** The runtime's path when the stamp was written for this lock on this platform. */
function findPrepared() {
  if (!existsSync(stampFile) || !existsSync(lockCopy)) return undefined
  const [stamped, runtime] = readFileSync(stampFile, 'utf8').split('\n')
  const path = resolve(root, runtime ?? '')
  const fresh = stamped === platform && existsSync(path) && readFileSync(lockCopy).equals(readFileSync(lockFile))
  return fresh ? path : undefined
}

/** The pinned Node, relative to the clone so that it may be moved; else the machine's own where that is new enough. */
function findRuntime() {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const pinned = join('node_modules', `node-${system}-${process.arch}`, 'bin', file)
  // Started once, since a package that fits by name may still not run here (another C library).
  if (spawnSync(join(root, pinned), ['--version']).status === 0) return pinned
  if (Number.parseInt(process.versions.node, 10) >= 26) return process.execPath
  throw new Error(sayIn('noRuntime', { platform: `${process.platform} ${process.arch}`, version: process.version }))
}

/** Compiles what servers load, with the settings they run with (a cache made with others is not taken); without it they are only larger. */
function warmCache(runtime) {
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env }
  spawnSync(runtime, ['--max-semi-space-size=2', join(root, 'scripts', 'warm-cache.ts')], { env, stdio: 'ignore' })
}

/** The stamp comes last and whole: killed before it, the next start prepares again. */
function writeStamp(runtime) {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  copyFileSync(lockFile, lockCopy)
  writeFileSync(`${stampFile}.new`, `${platform}\n${runtime}\n`)
  renameSync(`${stampFile}.new`, stampFile)
}

/** Prepares and returns the runtime, or says why not and ends with 4 (internal). */
export async function prepareOrExit() {
  try {
    return await prepare()
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(4)
  }
}

function explain(error) {
  if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) return sayIn('notWritable', { path: error.path })
  return error.code === undefined ? error.message : error.stack
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await prepareOrExit()
