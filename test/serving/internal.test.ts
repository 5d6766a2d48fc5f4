import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { refusalFromProblem } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { action } from '#web/serving/actions.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { makeDataFolder } from '#web/serving/data-folder.ts'
import { createLog } from '#web/serving/log.ts'
import { createTransfers } from '#web/serving/transfers.ts'
import { runWith } from '../cli/fake-server.ts'

t.test('a bug leaves its trace in the log under the number that the person is shown', async (t) => {
  const dir = makeDataFolder(join(t.testdir({}), 'hub'))
  const logFile = join(dir, '..', 'hub.log')
  const hubs = { code: 'INTERNAL', title: {}, requestId: 'f00dfeed' }
  const control = await serveControl({
    dataDir: dir,
    actions: {
      status: action(closed({}, []), () => {
        throw new TypeError('a bug of ours')
      }),
      limits: action(closed({}, []), () => {
        throw refusalFromProblem(hubs)
      }),
    },
    transfers: createTransfers(join(dir, 'incoming')),
    log: createLog({ level: 'error', name: 'hub', file: logFile }),
  })
  t.teardown(() => control.close())
  const linesOf = (id: string) =>
    readFileSync(logFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ requestId }) => requestId === id)

  const own = await runWith(['hub', 'status', '--json', '--data', dir])
  const problem = JSON.parse(own.stdout)
  t.match([own.code, problem], [4, { code: 'INTERNAL', requestId: /^[0-9a-f]{16}$/ }])
  t.notMatch(own.stdout, /a bug of ours/, 'nobody outside learns what it is')
  t.match(linesOf(problem.requestId), [{ err: { message: 'a bug of ours', stack: /internal\.test\.ts:\d+/ } }])
  const said = await runWith(['hub', 'status', '--lang', 'zh', '--data', dir])
  const number = /日志中的编号: ([0-9a-f]{16})/.exec(said.stderr)?.[1]
  t.equal(linesOf(number ?? '').length, 1, 'in words too')

  const relayed = JSON.parse((await runWith(['hub', 'limits', '--json', '--data', dir])).stdout)
  t.match(linesOf(relayed.requestId), [{ theirs: 'f00dfeed' }], 'that of another server says which line of its log')
  t.equal(refusalFromProblem(hubs).problem().requestId, 'f00dfeed', 'and a command without a server shows that')
})
