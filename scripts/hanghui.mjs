#!/usr/bin/env node
// The npm bin (`npx hanghui` in the clone, `hanghui` after `npm link`): the same program as scripts/hanghui, with the same settings.
import { fileURLToPath } from 'node:url'
import { become } from './launch.mjs'
import { prepareOrExit } from './prepare.mjs'

const program = fileURLToPath(new URL('./hanghui.ts', import.meta.url))
// Why these two: scripts/hanghui.
const env = { MALLOC_ARENA_MAX: '2', ...process.env }
become(await prepareOrExit(), ['--max-semi-space-size=2', program, ...process.argv.slice(2)], env)
