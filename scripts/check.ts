// npm run check [-- --write]: format, lint and types. Nothing is built: TypeScript is only a check here.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = join(root, 'node_modules')
const write = process.argv.includes('--write') ? ['--write'] : []

const CHECKS = [
  { name: 'format and lint', program: join(packages, '@biomejs', 'biome', 'bin', 'biome'), args: ['check', ...write] },
  { name: 'types', program: join(packages, 'typescript', 'bin', 'tsc'), args: ['--noEmit', '--project', root] },
] as const

const failed = CHECKS.filter(({ program, args }) => {
  return spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' }).status !== 0
})
for (const { name } of CHECKS) {
  process.stdout.write(`${failed.some((check) => check.name === name) ? 'failed' : 'ok'}: ${name}\n`)
}
process.exitCode = failed.length === 0 ? 0 : 1
