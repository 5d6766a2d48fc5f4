import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { compileCache, root } from './prepare.mjs'

/**
 * Runs the runtime in our place: standard streams shared, SIGINT and SIGTERM passed on, ended the way it ended.
 * Its PATH has node_modules/.bin first, so that every `node` below it is the same runtime.
 * @param {string} runtime
 * @param {string[]} args
 */
export function launch(runtime, args) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].filter(Boolean).join(delimiter)
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, PATH: path }
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
