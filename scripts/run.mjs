// node scripts/run.mjs SCRIPT [ARGUMENT…]: prepares the clone, then runs SCRIPT under the runtime that travels with it.
// It starts that runtime itself: after an install the calling shell still remembers the older `node` it found before.
import { resolve } from 'node:path'
import { launch } from './launch.mjs'
import { prepareOrExit, root } from './prepare.mjs'

const [script, ...args] = process.argv.slice(2)
if (script === undefined) {
  process.stderr.write('usage: node scripts/run.mjs SCRIPT [ARGUMENT…]\n')
  process.exit(2)
}
launch(await prepareOrExit(), [resolve(root, script), ...args])
