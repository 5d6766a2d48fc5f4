import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { clientTlsOptions } from '#pki/tls.ts'
import { authoritiesOf, speakAs, type Voice } from '../kit/speak-as.ts'
import { type Network, REGISTRAR, startNetwork } from '../kit/start-network.ts'

const DAY = 86_400
const CLOSED_WITHIN_MILLISECONDS = 5_000

/** A connection that has had one answer and rests. */
async function rest(network: Network, { identity }: Voice, url: string): Promise<TLSSocket> {
  const { port, pathname } = new URL(url)
  const options = clientTlsOptions({ identity, serverCas: authoritiesOf(network), expect: () => {} })
  const socket = connect({ ...options, host: '127.0.0.1', port: Number(port) })
  socket.on('error', () => {})
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
  const [first] = (await once(socket, 'data')) as [Buffer]
  if (!first.toString().startsWith('HTTP/1.1 200')) throw new Error(first.toString())
  socket.resume()
  return socket
}

const doorsOf = (network: Network) => [
  `${network.hub.listeners()['member']}/v1/directory`,
  `${network.node('alice').listeners()['exchange']}/catalog`,
]

/** Of bob's resting connections at hub and owner, and alice's own at the hub: the first two end, the last stays. */
async function expectClosed(t: Test, network: Network, lose: () => Promise<void> | void): Promise<void> {
  const [bob, alice] = [speakAs(network, 'bob'), speakAs(network, 'alice')]
  const resting = await Promise.all(doorsOf(network).map((door) => rest(network, bob, door)))
  const other = await rest(network, alice, doorsOf(network)[0] as string)
  const closed = resting.map((socket) =>
    once(socket, 'close', { signal: AbortSignal.timeout(CLOSED_WITHIN_MILLISECONDS) }),
  )
  await lose()
  await t.resolves(closed[0] as Promise<unknown>, 'the hub closes it')
  await t.resolves(closed[1] as Promise<unknown>, "the owner's node closes it")
  t.notOk(other.closed, 'those of others rest on')
  other.destroy()
}

for (const [what, action] of [
  ['revoked', 'revoke'],
  ['suspended', 'suspend'],
] as const) {
  t.test(`a resting connection of a member that is ${what} ends without a next request`, async (t) => {
    await using network = await startNetwork({ nodes: ['alice', 'bob'] })
    await expectClosed(t, network, async () => {
      await network.hub.call(action, { id: network.node('bob').id, as: REGISTRAR, reason: 'test' })
    })
  })
}

t.test('a resting connection ends with its certificate', async (t) => {
  // OpenSSL reads the machine's clock: bob's certificate still has ten minutes there, and none in the servers' time.
  await using network = await startNetwork({ began: -30 * DAY + 600 })
  const bob = await network.join('bob')
  await bob.stop()
  network.shift(30 * DAY - 600)
  await network.hub.stop()
  await network.hub.start()
  await network.join('alice')
  await expectClosed(t, network, () => network.shift(1_200))
})
