// hanghui <hub|node|pki|verify> …: the command line. `scripts/hanghui` and the npm bin prepare the clone and start this.
import { runCommandLine } from './cli/run-command-line.ts'

// `hanghui … | head`: whoever reads has had enough. What the command does goes on; what it says goes nowhere.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
const { env, stdin, stdout, stderr } = process
process.exitCode = await runCommandLine(process.argv.slice(2), { env, stdin, stdout, stderr })
