// Loads what the command line and both servers load, and keeps it compiled. Without it the very first server of a clone would
// carry the compiler of its own sources for as long as it runs (27 MB, measured), since a cache is written only at an end.
import module from 'node:module'
import './cli/run-command-line.ts'
import '../hub/main.ts'
import '../hub/init.ts'
import '../node/main.ts'
import '../node/init.ts'

// Threads of the servers: compiled when loaded, whatever they say to not being one here.
await Promise.allSettled([import('../node/chunks/chunk-worker.ts'), import('../node/chunks/hash-worker.ts')])
module.flushCompileCache()
process.exit(0)
