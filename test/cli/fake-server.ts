import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { Test } from 'tap'
import { action } from '#web/serving/actions.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { createLog } from '#web/serving/log.ts'
import { createTransfers } from '#web/serving/transfers.ts'
import { runCommandLine } from '../../scripts/cli/run-command-line.ts'

/** What a fake action gets and gives; `as` is the person. */
export type FakeAction = (args: unknown, as: string | undefined) => unknown

/** A data folder with a real control socket and actions of the test's own; gone when the test ends. */
export async function startFakeServer(t: Test, fakes: Readonly<Record<string, FakeAction>>) {
  const dir = t.testdir({ 'config.toml': '' })
  mkdirSync(join(dir, 'incoming'))
  const transfers = createTransfers(join(dir, 'incoming'))
  const actions = Object.fromEntries(
    Object.entries(fakes).map(([name, fake]) => [
      name,
      action({ type: 'object' }, (args, context) => fake(args, context.as)),
    ]),
  )
  const control = await serveControl({
    dataDir: dir,
    actions,
    transfers,
    log: createLog({ level: 'silent', name: 'fake' }),
  })
  t.teardown(() => control.close())
  return { dir, transfers }
}

/** Runs a command line in this process; English unless it says otherwise. */
export async function runWith(words: readonly string[], env: NodeJS.ProcessEnv = {}, input = '') {
  const [out, err] = [collect(), collect()]
  const code = await runCommandLine(words, {
    env: { LANG: 'en_US.UTF-8', ...env },
    stdin: Readable.from([input]),
    stdout: out.stream,
    stderr: err.stream,
  })
  return { code, stdout: out.text(), stderr: err.text() }
}

function collect() {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}
