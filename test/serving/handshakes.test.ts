import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import t, { type Test } from 'tap'
import { clientTlsOptions, expectMember, serverTlsOptions, type TlsIdentity } from '#pki/tls.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import { eventually } from '../kit/start-network.ts'
import { ALICE, BOB, tlsNetwork } from '../pki/tls-network.ts'

const DAY = 86_400_000
const now = Date.now()
const home = await tlsNetwork(new Date(now))
const elsewhere = await tlsNetwork(new Date(now))
const past = await tlsNetwork(new Date(now - 3 * DAY))
const future = await tlsNetwork(new Date(now + 3 * DAY))
const alice = await home.node(ALICE)

interface Line {
  readonly code?: string
  readonly level: string
  readonly reason?: string
  readonly remote?: string
  readonly port?: number
  readonly refused?: number
  readonly reasons?: Record<string, number>
  readonly remotes?: string[]
}

/** A mutual-TLS listener as hub and node open it, with what it has logged of refused handshakes so far. */
async function listen(t: Test) {
  const dir = mkdtempSync(join(tmpdir(), 'hanghui-'))
  const file = join(dir, 'log')
  const clientCas = [...home.cas, ...past.cas, ...future.cas]
  const app = createServer({
    tls: serverTlsOptions({ ...(await home.node(BOB)), clientCas }),
    log: createLog({ level: 'warn', name: 'test', file }),
  })
  app.get('/', () => 'let in')
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    rmSync(dir, { recursive: true })
  })
  const lines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as Line)
      .filter(({ code }) => code === 'HANDSHAKE_REFUSED')
  return { app, port: (app.server.address() as { port: number }).port, lines }
}

/** Knocks by TLS and waits for the end of the connection. */
async function knock(port: number, identity: TlsIdentity | 'none', more: ConnectionOptions = {}): Promise<void> {
  const options = clientTlsOptions({ identity, serverCas: home.cas, expect: expectMember(BOB) })
  const socket = connect({ ...options, host: '127.0.0.1', port, ...more })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
}

/** Sends bytes as they are and waits for the end of the connection. */
async function send(port: number, bytes: string | Buffer): Promise<void> {
  const socket = connectPlain(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
}

const CAUSES: readonly [reason: string, cause: string, (port: number) => Promise<void>][] = [
  ['CERTIFICATE_REQUIRED', 'no certificate', (port) => knock(port, 'none')],
  ['CERTIFICATE_EXPIRED', 'one that has ended', async (port) => knock(port, await past.node(ALICE))],
  ['CERTIFICATE_NOT_YET_VALID', 'one that has not begun', async (port) => knock(port, await future.node(ALICE))],
  ['CERTIFICATE_UNTRUSTED', 'another authority', async (port) => knock(port, await elsewhere.node(ALICE))],
  ['CERTIFICATE_UNTRUSTED', 'another authority, leaf alone', async (port) => knock(port, await leafOfElsewhere())],
  ['CERTIFICATE_PROFILE', 'a signing certificate', (port) => knock(port, home.signing)],
  ['CERTIFICATE_PROFILE', 'a certificate for serving only', (port) => knock(port, home.hub)],
  ['PROTOCOL_VERSION', 'TLS 1.2', (port) => knock(port, alice, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })],
  ['APPLICATION_PROTOCOL', 'HTTP/2', (port) => knock(port, alice, { ALPNProtocols: ['h2'] })],
  ['PLAIN_HTTP', 'HTTP without TLS', (port) => send(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
  ['HANDSHAKE_MALFORMED', 'no TLS at all', (port) => send(port, Buffer.alloc(100, 7))],
  ['HANDSHAKE_TIMEOUT', 'silence', (port) => send(port, '')],
  ['HANDSHAKE_ABANDONED', 'a caller that does not believe us', (port) => knock(port, alice, { ca: [] })],
]

async function leafOfElsewhere(): Promise<TlsIdentity> {
  const { key, chain } = await elsewhere.node(ALICE)
  return { key, chain: chain.slice(0, 1) }
}

for (const [reason, cause, attempt] of CAUSES) {
  t.test(`${cause} leaves ${reason} in the log`, async (t) => {
    const { port, lines } = await listen(t)
    await attempt(port)
    const [line] = await eventually(async () => lines().length > 0 && lines(), 'a line in the log')
    t.match(line, { level: 'warn', reason, remote: '127.0.0.1', port })
    t.equal(lines().length, 1, 'once')
  })
}

t.test('a good handshake leaves nothing', async (t) => {
  const { port, lines } = await listen(t)
  const socket = connect({
    ...clientTlsOptions({ identity: alice, serverCas: home.cas, expect: expectMember(BOB) }),
    host: '127.0.0.1',
    port,
  })
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let text = ''
  socket.on('data', (piece) => (text += piece))
  await new Promise((resolve) => socket.once('close', resolve))
  t.match(text, /let in/)
  t.same(lines(), [])
})

t.test('of a flood a few are told singly, the others by number and reason', async (t) => {
  const { app, port, lines } = await listen(t)
  const times = 60
  await Promise.all(
    Array.from({ length: times }, (_, index) =>
      index % 3 === 0 ? send(port, Buffer.alloc(100, 7)) : send(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
    ),
  )
  const count = () => lines().reduce((sum, { refused = 1 }) => sum + refused, 0)
  await eventually(async () => count() === times, 'every one is counted')
  const sums = lines().filter(({ refused }) => refused !== undefined)
  t.ok(lines().length - sums.length <= 3 * (sums.length + 1), 'few are told singly')
  t.ok(lines().length < times / 2, `${lines().length} lines`)
  t.same([...new Set(sums.flatMap(({ reasons }) => Object.keys(reasons ?? {})))].sort(), [
    'HANDSHAKE_MALFORMED',
    'PLAIN_HTTP',
  ])
  t.same(sums[0]?.remotes, ['127.0.0.1'])

  const before = count()
  await Promise.all(Array.from({ length: 10 }, () => send(port, Buffer.alloc(100, 7))))
  await app.close()
  t.equal(count(), before + 10, 'a close tells what was still untold')
})
