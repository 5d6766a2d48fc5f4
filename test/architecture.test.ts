import { existsSync, globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { findCycles } from './architecture/find-cycles.ts'
import { isCode, parseSource, readSource } from './architecture/read-source.ts'

/** What each folder may reach for. node and hub never meet but over the wire; nothing reaches for scripts or test. */
const ARROW: Record<string, readonly string[]> = {
  pki: ['pki'],
  schemas: ['pki', 'schemas'],
  web: ['pki', 'schemas', 'web'],
  node: ['pki', 'schemas', 'web', 'node'],
  hub: ['pki', 'schemas', 'web', 'hub'],
  scripts: ['pki', 'schemas', 'web', 'node', 'hub', 'scripts'],
}
const X509_LIBRARY = /^(node-forge|@peculiar\/.+|asn1js|pkijs|reflect-metadata)$/
/** A store's folder, and the two places that are a database themselves. */
const SQL_PLACE = /\/store\/|^schemas\/(storage|migrations)\/|^hub\/index\//
const SQL =
  /['"`]\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+\w+\s|ALTER\s+TABLE\s|DROP\s+\w+\s|PRAGMA\s|WITH\s+\w+)/
const VAGUE_NAME = /(^|[-/])(utils?|helpers?|common|misc|managers?|services?)([-./]|$)/
const aimLines = 300
const ceilingLines = 450
/** A test file costs half a second before its first line, so tests have few files and longer ones. */
const ceilingLinesOfTests = 700

const root = fileURLToPath(new URL('..', import.meta.url))
const list = (...patterns: string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
const product = list(`{${Object.keys(ARROW).join(',')}}/**/*.{ts,mts,mjs}`).map((file) => readSource(root, file))
const tests = list('test/**/*.ts').map((file) => readSource(root, file))
const everything = [...product, ...tests]

/** Fails once with all offenders by name, so that one run shows the whole list. */
function none(t: Test, offenders: string[], rule: string): void {
  t.equal(offenders.join('\n'), '', rule)
}

t.test('there is something to look at', async (t) => {
  t.ok(product.length > 50, `${product.length} files`)
  t.ok(tests.length > 0)
})

t.test('every way to reach another file is seen, and comments are not', async (t) => {
  const { references, imports, packages } = parseSource(
    'hub/front/app.ts',
    `import { a } from '#pki/a.ts' // import '../../node/no.ts'
    import type { B } from "../b.ts"
    import '#schemas/c.ts'
    export { d } from './d.ts'
    /* from './no.ts' */ const e = await import('./e.ts')
    const f = new URL('../../node/f.ts', import.meta.url), g = \`./g.ts\`, https = 'https://x' + './h.ts'
    import fs from 'node:fs'; import { type I } from '@peculiar/x509/build'; import 'reflect-metadata'`,
  )
  const through = ['pki/a.ts', 'hub/b.ts', 'schemas/c.ts', 'hub/front/d.ts', 'hub/front/e.ts']
  t.same(imports, through)
  t.same(references, [...through, 'node/f.ts', 'hub/front/g.ts', 'hub/front/h.ts'])
  t.same(packages, ['@peculiar/x509', 'reflect-metadata'])
})

t.test('a circle of imports is found', async (t) => {
  const graph = { a: ['b'], b: ['c', 'd'], c: [], d: ['b'], e: ['e'] }
  t.same(findCycles(new Map(Object.entries(graph))), [
    ['b', 'd', 'b'],
    ['e', 'e'],
  ])
})

t.test('a folder reaches only to its left', async (t) => {
  const wrong = product.flatMap(({ file, references }) => {
    const allowed = ARROW[folderOf(file)] ?? []
    return references
      .filter((to) => !allowed.includes(folderOf(to)) && to.includes('/'))
      .map((to) => `${file} -> ${to}`)
  })
  none(t, wrong, 'pki <- schemas <- web <- node | hub <- scripts')
})

t.test('what is named is there', async (t) => {
  const wrong = product.flatMap(({ file, references }) => {
    return references.filter((to) => !existsSync(join(root, to))).map((to) => `${file} -> ${to}`)
  })
  none(t, wrong, 'no worker or import that is gone')
})

t.test('what is loaded by a computed name cannot be checked, so the product has none', async (t) => {
  const wrong = product.filter(({ file, code }) => folderOf(file) !== 'scripts' && /\bimport\(\s*[^'"\s]/.test(code))
  none(
    t,
    wrong.map(({ file }) => file),
    'import() of a literal only',
  )
})

t.test('imports run in no circle', async (t) => {
  const graph = new Map(product.map(({ file, imports }) => [file, imports]))
  none(
    t,
    findCycles(graph).map((cycle) => cycle.join(' -> ')),
    'no import cycles',
  )
})

t.test('X.509 libraries live in pki only', async (t) => {
  const wrong = product.filter(
    ({ file, packages }) => folderOf(file) !== 'pki' && packages.some((name) => X509_LIBRARY.test(name)),
  )
  none(
    t,
    wrong.map(({ file }) => file),
    'reach for the functions of pki/ instead',
  )
})

t.test('the product needs no package that only development installs', async (t) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wrong = product
    .filter(({ file }) => folderOf(file) !== 'scripts')
    .flatMap(({ file, packages }) =>
      packages.filter((name) => !(name in dependencies)).map((name) => `${file} -> ${name}`),
    )
  none(t, wrong, 'imported packages are listed in dependencies')
})

t.test('the environment is read in config.ts only', async (t) => {
  const wrong = product.filter(
    ({ file, code }) =>
      !/(^scripts\/|\/config\.ts$)/.test(file) && /process\s*\.\s*env|\benv\b.*node:process/.test(code),
  )
  none(
    t,
    wrong.map(({ file }) => file),
    'pass settings in',
  )
})

t.test('SQL is written in stores only', async (t) => {
  const wrong = product.filter(({ file, code }) => isCode(file) && !SQL_PLACE.test(file) && SQL.test(code))
  none(
    t,
    wrong.map(({ file }) => file),
    'SQL only in store/ and schemas/storage',
  )
})

t.test('exports have names', async (t) => {
  const wrong = everything.filter(({ code }) =>
    /(?:^|;)\s*export\s+default\b|(?:^|;)\s*export\s*\{[^}]*\bas\s+default\b/m.test(code),
  )
  none(
    t,
    wrong.map(({ file }) => file),
    'no default export',
  )
})

t.test('files stay small enough to read', async (t) => {
  for (const { file, lines } of product) if (lines > aimLines) t.comment(`${file} has ${lines} lines (aim ${aimLines})`)
  const ceilingOf = (file: string) => (folderOf(file) === 'test' ? ceilingLinesOfTests : ceilingLines)
  const wrong = everything.filter(({ file, lines }) => lines > ceilingOf(file))
  none(
    t,
    wrong.map(({ file, lines }) => `${file}: ${lines}`),
    `${ceilingLines} lines at most, tests ${ceilingLinesOfTests}`,
  )
})

t.test('file names say what is inside', async (t) => {
  none(
    t,
    everything.map(({ file }) => file).filter((file) => VAGUE_NAME.test(file)),
    'a noun or verb of the domain',
  )
})

t.test('every step of the protocol that code cites exists', async (t) => {
  const protocol = readFileSync(join(root, 'schemas/PROTOCOL.md'), 'utf8')
  const steps = new Set(Array.from(protocol.matchAll(/^(?:#+ +)?(\d+(?:\.\d+)*)\s/gm), ([, step]) => step))
  t.ok(steps.size > 20, `${steps.size} numbered steps`)
  const wrong = everything.flatMap(({ file, text }) => {
    const cited = Array.from(text.matchAll(/\bProtocol (\d+(?:\.\d+)*)/g), ([, step]) => step)
    return cited.filter((step) => !steps.has(step)).map((step) => `${file}: Protocol ${step}`)
  })
  none(t, wrong, 'headings and steps of schemas/PROTOCOL.md')
})

t.test('nothing of the machine it was written on is in the tree', async (t) => {
  const texts = list(
    '*.{json,md,yaml,yml,toml}',
    '.npmrc',
    '.taprc',
    '.ci/*',
    'docs/**/*.*',
    'schemas/**/*.*',
    'scripts/hanghui',
  )
  const files = [
    ...everything,
    ...texts.filter((file) => !everything.some((source) => source.file === file)).map((file) => readSource(root, file)),
  ]
  const here = root.replace(/\/$/, '')
  const wrong = files.flatMap(({ file, text }) => {
    const found = [
      here.length > 4 && text.includes(here) && 'the path of this clone',
      homedir().length > 6 && text.includes(homedir()) && 'a home folder',
      /https?:\/\/registry\./.test(text) && 'a package registry',
      /^<{7} |^>{7} /m.test(text) && 'a merge that was not finished',
    ]
    return found.filter((what) => what !== false).map((what) => `${file}: ${what}`)
  })
  none(t, wrong, 'paths, hosts and left-overs')
})

function folderOf(file: string): string {
  return file.split('/', 1)[0] ?? ''
}
