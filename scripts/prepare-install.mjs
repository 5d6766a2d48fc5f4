import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { sayIn } from './prepare-texts.mjs'

/** True when what npm last installed here is exactly what the lock asks for on this platform (npm keeps its own record of it). */
export function isInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const have = JSON.parse(readFileSync(record, 'utf8')).packages
  return listWanted(root).every(([path, { version, integrity }]) => {
    return have[path]?.version === version && have[path].integrity === integrity
  })
}

/** The packages of the lock that belong on this platform. */
function listWanted(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages).filter(([path, entry]) => {
    if (path === '') return false
    const fits =
      (entry.os ?? [process.platform]).includes(process.platform) &&
      (entry.cpu ?? [process.arch]).includes(process.arch)
    return !entry.optional || (fits && !entry.libc)
  })
}

/**
 * Installs what the lock names, without running anybody's install scripts; speaks on standard error only.
 * @param {(pid: number | undefined) => void} nameChild
 */
export async function install(root, nameChild) {
  const started = Date.now()
  process.stderr.write(`${sayIn('installing')}\n`)
  const stopProgress = showProgress(root, started)
  try {
    await runNpmCi(root, nameChild)
  } finally {
    stopProgress()
  }
  process.stderr.write(`${sayIn('installed', { seconds: secondsSince(started) })}\n`)
}

const secondsSince = (started) => Math.round((Date.now() - started) / 1000)

function showProgress(root, started) {
  if (!process.stderr.isTTY) return () => {}
  const wanted = listWanted(root).map(([path]) => join(root, path, 'package.json'))
  const timer = setInterval(() => {
    const done = wanted.filter((path) => existsSync(path)).length
    process.stderr.write(`\r\x1b[K${sayIn('progress', { done, total: wanted.length, seconds: secondsSince(started) })}`)
  }, 500)
  return () => {
    clearInterval(timer)
    process.stderr.write('\r\x1b[K')
  }
}

function runNpmCi(root, nameChild) {
  const { command, args, shell } = findNpm()
  const flags = ['ci', '--ignore-scripts', '--loglevel=error', '--include=dev', '--include=optional']
  const child = spawn(command, [...args, ...flags], { cwd: root, shell, stdio: ['ignore', 'ignore', process.stderr] })
  nameChild(child.pid)
  // The lock is kept until npm is really gone: an npm still writing would spoil the next start's install.
  let stopped
  const stop = (signal) => {
    stopped = signal
    child.kill(signal)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return new Promise((resolve, reject) => {
    child.on('error', () => reject(new Error(sayIn('noNpm'))))
    child.on('exit', (code, signal) => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      if (stopped) process.exit(stopped === 'SIGINT' ? 130 : 143)
      code === 0 ? resolve() : reject(new Error(sayIn('installFailed', { code: code ?? signal })))
    })
  })
}

/** The npm that started us if one did, run by its own Node: `npm ci` deletes the pinned one while it works. */
function findNpm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env
  if (script && node && basename(script) === 'npm-cli.js' && existsSync(script) && existsSync(node)) {
    return { command: node, args: [script], shell: false }
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' }
}
