import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** One file of ours and what it reaches for. Paths are relative to the clone, with `/`. */
export type Source = {
  file: string
  text: string
  /** `text` without comments; strings stay. */
  code: string
  lines: number
  /** Our own files it imports: static, type-only, dynamic, re-exported. */
  imports: string[]
  /** `imports`, and every other string that names a source file (`new URL('./x.ts', import.meta.url)`, a worker's path). */
  references: string[]
  /** Names of packages it imports, without their subpaths. */
  packages: string[]
}

const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|(?<![\\:])\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const IMPORTED = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bimport\.meta\.resolve\(\s*)(['"])([^'"\n]+)\1/g
const OWN_FILE = /(['"`])((?:\.{1,2}\/|#)[^'"`\n$]*\.(?:ts|mts|mjs|js|sql))\1/g

/** Whether a file's name is one of a source file of ours. */
export const isCode = (file: string) => /\.(ts|mts|mjs)$/.test(file)

/** Reads `file` of the clone at `root`. */
export function readSource(root: string, file: string): Source {
  return parseSource(file, readFileSync(join(root, file), 'utf8'))
}

/** Takes `text` as the contents of `file`. */
export function parseSource(file: string, text: string): Source {
  const code = isCode(file) ? text.replace(COMMENT_OR_STRING, (found) => (found.startsWith('/') ? '' : found)) : text
  const imported = Array.from(code.matchAll(IMPORTED), ([, , name]) => name ?? '')
  const named = Array.from(code.matchAll(OWN_FILE), ([, , name]) => name ?? '')
  const resolve = (name: string) => (name.startsWith('#') ? name.slice(1) : posix.join(dirname(file), name))
  const own = imported.filter((name) => /^[.#]/.test(name))
  return {
    file,
    text,
    code,
    lines: text.split('\n').length - 1,
    imports: own.map(resolve),
    references: [...new Set([...own, ...named].map(resolve))],
    packages: imported.filter((name) => /^[@a-z]/.test(name) && !name.startsWith('node:')).map(packageOf),
  }
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}
