#!/usr/bin/env node
// The npm bin (`npx hanghui` in the clone, `hanghui` after `npm link`): the same program as scripts/hanghui.
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'
import { compileCache, prepareOrExit } from './prepare.mjs'

const runtime = await prepareOrExit()
const program = fileURLToPath(new URL('./hanghui.ts', import.meta.url))
if (Number.parseInt(process.versions.node, 10) >= 26) {
  module.enableCompileCache(compileCache)
  process.argv[1] = program
  // As the main module, which an import() would not make it: one process, and `import.meta.main` holds there.
  module.runMain(program)
} else {
  launch(runtime, [program, ...process.argv.slice(2)])
}
