import { isIP, type SocketConstructorOpts, type TcpSocketConnectOpts } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { explainWire } from './explain-wire.ts'
import { type RangeAnswer, type RangeRequest, readRangeAnswer, type TakePiece } from './range-answer.ts'
import { watchPace } from './watch-pace.ts'

/** TLS options with the checks of the other side, its host (IPv6 without brackets) and port. */
export type RangeConnectionOptions = Omit<ConnectionOptions, 'onread'> &
  Pick<TcpSocketConnectOpts, 'lookup'> & { readonly host: string; readonly port: number }

/** One connection to an owner's exchange listener; one range at a time. */
export interface RangeConnection {
  /** Resolves after the last byte; throws the owner's refusal, OWNER_UNREACHABLE, PEER_MISBEHAVED, the abort reason, what `take` throws. */
  getRange(asked: RangeRequest, take: TakePiece): Promise<void>
  /** Can it be used again? */
  readonly open: boolean
  close(): void
}

const PIECE_BYTES = 64 * 1024
const CONNECT_MILLISECONDS = 10_000

/**
 * Content is read into one buffer that serves for all of it. An HTTP client gives a new one every 16 KiB; those lie outside
 * the heap and are given back by collecting all of it, again and again (measured: half of a pull's time).
 */
export function openRangeConnection(options: RangeConnectionOptions): RangeConnection {
  const under = { way: undefined as UnderWay | undefined, open: true }
  const onread: SocketConstructorOpts['onread'] = {
    buffer: Buffer.allocUnsafeSlow(PIECE_BYTES),
    callback: (bytes, buffer) => onPiece(buffer.subarray(0, bytes)),
  }
  // The types of tls.connect leave `onread` out; its documentation takes all options of socket.connect.
  const all: ConnectionOptions & Pick<SocketConstructorOpts, 'onread'> = { ...options, onread }
  if (!isIP(options.host)) all.servername = options.host
  const socket = connect(all)
  socket.setNoDelay(true)
  const connecting = setTimeout(() => fail(unreachable('no connection in 10 s')), CONNECT_MILLISECONDS).unref()
  socket.once('secureConnect', () => clearTimeout(connecting))
  socket.on('error', fail)
  socket.once('close', () => fail(unreachable('the connection was closed')))

  function onPiece(piece: Uint8Array): boolean {
    const { way } = under
    try {
      if (way === undefined) throw new Refusal('PEER_MISBEHAVED', { rule: 'an answer follows a request' })
      const pause = way.accept(piece)
      if (pause === undefined) return true
      pause.then(() => socket.resume(), fail)
      return false
    } catch (error) {
      fail(error)
      return false
    }
  }

  function fail(error: unknown): void {
    clearTimeout(connecting)
    under.open = false
    under.way?.fail(explainWire(error))
    socket.destroy()
  }

  async function getRange(asked: RangeRequest, take: TakePiece): Promise<void> {
    asked.signal.throwIfAborted()
    const pace = watchPace(LIMITS.idleTransferMilliseconds, fail)
    const abort = () => fail(asked.signal.reason)
    asked.signal.addEventListener('abort', abort, { once: true })
    try {
      under.way = follow(readRangeAnswer(asked, take), pace.count)
      if (!under.open) throw unreachable('the connection was closed')
      socket.write(writeRequest(options, asked))
      await under.way.ended
    } finally {
      pace.end()
      asked.signal.removeEventListener('abort', abort)
      under.way = undefined
    }
  }

  return {
    getRange,
    get open() {
      return under.open
    },
    close: () => fail(unreachable('the connection was closed')),
  }
}

/** An answer under way: it ends when its last byte has been taken, not only handed over. */
interface UnderWay {
  accept(piece: Uint8Array): Promise<void> | undefined
  fail(error: unknown): void
  readonly ended: Promise<void>
}

function follow(answer: RangeAnswer, count: (bytes: number) => void): UnderWay {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  // Whoever waits for it hears of a failure.
  ended.catch(() => {})
  return {
    ended,
    fail: reject,
    accept(piece) {
      count(piece.length)
      const pause = answer.accept(piece)
      if (answer.whole) {
        if (pause === undefined) resolve()
        else pause.then(resolve, reject)
      }
      return pause
    },
  }
}

function writeRequest({ host, port }: RangeConnectionOptions, { path, grant, sha256, from, to }: RangeRequest): string {
  const authority = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
  const fields = [
    `host: ${authority}`,
    `authorization: Hanghui-Grant ${grant}`,
    `range: bytes=${from}-${to}`,
    `if-match: "${sha256}"`,
  ]
  return `GET ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
}

function unreachable(rule: string): Refusal {
  return new Refusal('OWNER_UNREACHABLE', { rule })
}
