import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { compileCache, root } from './prepare.mjs'

/**
 * The runtime in place of this process where that can be done (one process: whoever kills us kills it), else {@link run}.
 * @param {string} runtime
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function become(runtime, args, env) {
  const whole = { NODE_COMPILE_CACHE: compileCache, ...env }
  // Older releases have it too, but warn about it on standard error; Windows has nothing of the kind.
  const canBecome = Number.parseInt(process.versions.node, 10) >= 26 && process.platform !== 'win32'
  if (canBecome) process.execve(runtime, [runtime, ...args], whole)
  else run(runtime, args, whole)
}

/**
 * Runs the runtime below us; its PATH has node_modules/.bin first, so that every `node` below it is the same runtime.
 * @param {string} runtime
 * @param {string[]} args
 */
export function launch(runtime, args) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].filter(Boolean).join(delimiter)
  run(runtime, args, { NODE_COMPILE_CACHE: compileCache, ...process.env, PATH: path })
}

/** Standard streams shared, SIGINT and SIGTERM passed on, ended the way it ended. */
function run(runtime, args, env) {
  const child = spawn(runtime, args, { stdio: 'inherit', env })
  const pass = (signal) => child.kill(signal)
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(4)
  })
  child.on('exit', (code, signal) => {
    process.off('SIGINT', pass)
    process.off('SIGTERM', pass)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}
