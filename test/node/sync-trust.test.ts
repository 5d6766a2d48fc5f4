import t from 'tap'
import { createLog } from '#web/serving/log.ts'
import { createTrustSync } from '../../node/actions/sync-trust.ts'

t.test('what an event tells of during a round is asked for in a round after it', async (t) => {
  const asked: string[] = []
  let answer: (() => void) | undefined
  const fetch = async (path: string) => {
    asked.push(path)
    if (path === '/v1/status') await new Promise<void>((resolve) => (answer = resolve))
    return { unchanged: true } as const
  }
  type Deps = Parameters<typeof createTrustSync>[0]
  const unused = undefined as never
  const { syncTrust } = createTrustSync({
    trust: unused,
    texts: unused,
    keeper: unused,
    hub: { fetch } as unknown as Deps['hub'],
    fetchRoots: unused,
    changed: unused,
    log: createLog({ level: 'silent', name: 'node' }),
  })
  const until = async (count: number) => {
    for (let turn = 0; turn < 100 && asked.length < count; turn++) await new Promise(setImmediate)
    return asked.length
  }
  const first = syncTrust()
  t.equal(await until(2), 2, 'the directory is answered, the status list is on its way')
  const events = [syncTrust(), syncTrust()]
  t.equal(events[0], events[1], 'all that come meanwhile share one round')
  answer?.()
  await first
  t.equal(await until(4), 4)
  answer?.()
  await Promise.all(events)
  t.same(asked, ['/v1/directory', '/v1/status', '/v1/directory', '/v1/status'])
})
