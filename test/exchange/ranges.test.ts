import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { clientTlsOptions, serverTlsOptions } from '#pki/tls.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { type RangeRequest, readRangeAnswer } from '../../node/actions/range-answer.ts'
import { openRangeConnection } from '../../node/actions/range-connection.ts'
import { sideBySide } from '../../node/actions/side-by-side.ts'
import { createPlaces } from '../../node/actions/take-places.ts'
import { createExchangeWorld } from '../kit/exchange-world.ts'

const BODY = randomBytes(3_000_000)
const ASKED: RangeRequest = {
  path: '/v1/files/p/0',
  grant: 'g',
  sha256: 'a'.repeat(64),
  from: 0,
  to: BODY.length - 1,
  fileBytes: 9_000_000,
  signal: new AbortController().signal,
}
const HEAD = `HTTP/1.1 206 Partial Content\r\ncontent-length: ${BODY.length}\r\nContent-Range: bytes 0-${BODY.length - 1}/9000000\r\n\r\n`

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'nothing refused'
  } catch (error) {
    return isRefusal(error) ? error.code : String(error)
  }
}

t.test('an answer is read whatever the pieces it comes in', async (t) => {
  const small = Buffer.concat([
    Buffer.from(HEAD.replaceAll(`${BODY.length}`, '500').replace('0-2999999', '0-499')),
    BODY.subarray(0, 500),
  ])
  const property = fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (steps) => {
    const got: Buffer[] = []
    const answer = readRangeAnswer({ ...ASKED, to: 499 }, (piece) => void got.push(Buffer.from(piece)))
    for (let at = 0, turn = 0; at < small.length; turn++) {
      if (answer.whole) return false
      const step = steps[turn % steps.length] as number
      void answer.accept(small.subarray(at, at + step))
      at += step
    }
    return answer.whole && Buffer.concat(got).equals(BODY.subarray(0, 500))
  })
  t.doesNotThrow(() => fc.assert(property))
})

t.test('what is not that range is refused by what it is', async (t) => {
  const problem = JSON.stringify(new Refusal('GRANT_EXPIRED').problem('r'))
  const length = Buffer.byteLength(problem)
  for (const [answer, code] of [
    [`HTTP/1.1 401 Unauthorized\r\ncontent-length: ${length}\r\n\r\n${problem}`, 'GRANT_EXPIRED'],
    [`HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}`, 'PEER_MISBEHAVED'],
    [`HTTP/1.1 500 X\r\ncontent-length: 99999999\r\n\r\n`, 'PEER_MISBEHAVED'],
    [HEAD.replace('206', '200'), 'PEER_MISBEHAVED'],
    [HEAD.replace('206', '304'), 'PEER_MISBEHAVED'],
    [HEAD.replace('HTTP/1.1', 'HTTP/2'), 'PEER_MISBEHAVED'],
    [HEAD.replace('bytes 0-', 'bytes 1-'), 'PEER_MISBEHAVED'],
    [HEAD.replace('/9000000', '/9000001'), 'PEER_MISBEHAVED'],
    [HEAD.replace('content-length', 'content-size'), 'PEER_MISBEHAVED'],
    [HEAD.replace('content-length: ', 'content-length: -'), 'PEER_MISBEHAVED'],
    [HEAD.replace('content-length', 'content-length: 1\r\ncontent-length'), 'PEER_MISBEHAVED'],
    [HEAD.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n'), 'PEER_MISBEHAVED'],
    [HEAD.replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n'), 'PEER_MISBEHAVED'],
    [HEAD.replace('\r\n\r\n', '\r\nno field\r\n\r\n'), 'PEER_MISBEHAVED'],
    [`HTTP/1.1 206 x\r\n${'a: b\r\n'.repeat(4_000)}`, 'PEER_MISBEHAVED'],
  ] as const) {
    const read = () => readRangeAnswer(ASKED, () => undefined).accept(Buffer.from(answer))
    t.equal(await codeOf(read), code, answer.slice(0, 120))
  }
  const longer = () =>
    readRangeAnswer(ASKED, () => undefined).accept(Buffer.concat([Buffer.from(HEAD), BODY, Buffer.from('x')]))
  t.equal(await codeOf(longer), 'PEER_MISBEHAVED', 'a byte too many')
})

/** A listener of an owner's certificate that answers as the test says, and a client's options to reach it. */
async function listen(t: Test, onRequest: (socket: TLSSocket, text: string) => void) {
  const world = await createExchangeWorld()
  const { authority, owner, consumer } = world
  const server = createServer(serverTlsOptions({ ...owner.deps.tls(), clientCas: authority.cas }), (socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => onRequest(socket, data.toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const tls = clientTlsOptions({ identity: consumer.deps.tls(), serverCas: authority.cas, expect: () => {} })
  const { allowH2: _, maxCachedSessions: __, ...options } = tls
  t.teardown(async () => {
    server.close()
    await world[Symbol.asyncDispose]()
  })
  return { ...options, host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

t.test('one connection serves range after range; a reader that pauses loses nothing', async (t) => {
  const seen: string[] = []
  const options = await listen(t, (socket, text) => {
    seen.push(text)
    socket.write(HEAD)
    socket.write(BODY)
  })
  const connection = openRangeConnection(options)
  for (const pausing of [false, true]) {
    const got: Buffer[] = []
    let resting = 0
    await connection.getRange(ASKED, (piece) => {
      got.push(Buffer.from(piece))
      if (!pausing || got.length % 5 > 0) return undefined
      resting += 1
      return new Promise((resolve) => setImmediate(resolve))
    })
    t.ok(Buffer.concat(got).equals(BODY))
    t.equal(resting > 10, pausing)
  }
  t.equal(seen.length, 2)
  t.match(
    seen[0],
    /^GET \/v1\/files\/p\/0 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nauthorization: Hanghui-Grant g\r\nrange: bytes=0-2999999\r\nif-match: "a{64}"\r\n\r\n$/,
  )
  t.ok(connection.open)
  connection.close()
  t.notOk(connection.open)
  t.equal(await codeOf(() => connection.getRange(ASKED, () => undefined)), 'OWNER_UNREACHABLE')
})

t.test('a connection that ends early, is given up, or brings what was not asked for', async (t) => {
  let answer = (socket: TLSSocket): void => void socket.end(HEAD)
  const options = await listen(t, (socket) => answer(socket))
  const get = (signal = ASKED.signal, take: () => undefined = () => undefined) => {
    const connection = openRangeConnection(options)
    return codeOf(() => connection.getRange({ ...ASKED, signal }, take).finally(connection.close))
  }
  t.equal(await get(), 'OWNER_UNREACHABLE', 'closed in the middle')
  answer = (socket) => socket.destroy()
  t.equal(await get(), 'OWNER_UNREACHABLE', 'broken off')
  answer = (socket) => void socket.write(HEAD)
  const stop = new AbortController()
  const stopped = get(stop.signal)
  stop.abort(new Refusal('TRANSFER_CUT'))
  t.equal(await stopped, 'TRANSFER_CUT', 'the reason of the abort')
  answer = (socket) => void socket.write(Buffer.concat([Buffer.from(HEAD), BODY]))
  const refusing = () => {
    throw new Refusal('DISK_FULL')
  }
  t.equal(await get(undefined, refusing), 'DISK_FULL', 'what the reader throws')
  t.equal(
    await codeOf(() => openRangeConnection({ ...options, port: 1 }).getRange(ASKED, () => undefined)),
    'OWNER_UNREACHABLE',
    'nobody listens',
  )
})

t.test('jobs run side by side within their places; the first failure stops the others', async (t) => {
  const places = createPlaces(2)
  let [running, most] = [0, 0]
  const blocks = new Set<unknown>()
  await sideBySide([1, 2, 3, 4, 5, 6, 7], 5, () =>
    places.use(async (pair) => {
      running += 1
      most = Math.max(most, running)
      blocks.add(pair)
      await new Promise(setImmediate)
      running -= 1
    }),
  )
  t.equal(most, 2)
  t.equal(blocks.size, 2, 'blocks are used again')
  const begun: number[] = []
  const failing = sideBySide([1, 2, 3, 4], 2, async (item, signal) => {
    begun.push(item)
    if (item === 1) throw new Refusal('DISK_FULL')
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    signal.throwIfAborted()
  })
  t.equal(await codeOf(() => failing), 'DISK_FULL')
  t.same(begun, [1, 2])
})
