import type { Server, Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

/** Why a handshake came to nothing: codes of the catalogue where a certificate is at fault. */
export type HandshakeReason =
  | 'CERTIFICATE_REQUIRED'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'CERTIFICATE_PROFILE'
  | 'CERTIFICATE_UNTRUSTED'
  | 'CERTIFICATE_INVALID'
  | 'PLAIN_HTTP'
  | 'PROTOCOL_VERSION'
  | 'APPLICATION_PROTOCOL'
  | 'HANDSHAKE_TIMEOUT'
  | 'HANDSHAKE_ABANDONED'
  | 'HANDSHAKE_MALFORMED'

const BY_VERIFY_ERROR: Readonly<Record<string, HandshakeReason>> = {
  CERT_HAS_EXPIRED: 'CERTIFICATE_EXPIRED',
  CERT_NOT_YET_VALID: 'CERTIFICATE_NOT_YET_VALID',
  INVALID_PURPOSE: 'CERTIFICATE_PROFILE',
  UNABLE_TO_GET_ISSUER_CERT: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'CERTIFICATE_UNTRUSTED',
  SELF_SIGNED_CERT_IN_CHAIN: 'CERTIFICATE_UNTRUSTED',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'CERTIFICATE_UNTRUSTED',
  CERT_SIGNATURE_FAILURE: 'CERTIFICATE_UNTRUSTED',
}

const BY_ERROR: Readonly<Record<string, HandshakeReason>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'CERTIFICATE_REQUIRED',
  ERR_SSL_HTTP_REQUEST: 'PLAIN_HTTP',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'PROTOCOL_VERSION',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'APPLICATION_PROTOCOL',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'HANDSHAKE_TIMEOUT',
  ECONNRESET: 'HANDSHAKE_ABANDONED',
  EPIPE: 'HANDSHAKE_ABANDONED',
}

/** What the runtime leaves of a refused connection; `_parent` is the TCP socket below, the only one that still knows its peer. */
type Refused = Socket & { readonly authorizationError?: string | null; readonly _parent?: Socket | null }

/** Told singly in each window; what comes beyond that is summed up at its end. */
const SINGLY = 3
const REMOTES_MOST = 8
const WINDOW_SECONDS = 1
/** While a flood lasts windows grow: a day of it makes some thousand lines. */
const WINDOW_SECONDS_MOST = 60

/**
 * Each handshake refused at a mutual-TLS listener leaves an event `HANDSHAKE_REFUSED` with `reason`, `remote` and `port`.
 * A flood cannot fill the disk: beyond a few a second they are counted, and one event gives the numbers by reason.
 */
export function reportRefusedHandshakes(server: Server, log: FastifyBaseLogger): void {
  // Asked now: a connection that has ended no longer knows its peer.
  server.on('connection', (socket: Socket) => void socket.remoteAddress)
  let port: number | undefined
  server.on('listening', () => {
    port = (server.address() as { port: number }).port
  })
  const flood = createFlood({
    one: (reason, remote) => log.warn({ code: 'HANDSHAKE_REFUSED', reason, remote, port }, 'handshake refused'),
    many: (sum) => log.warn({ code: 'HANDSHAKE_REFUSED', ...sum, port }, 'further handshakes refused'),
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Refused) =>
    flood.add(reasonOf(error, socket), socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown'),
  )
  server.on('close', flood.end)
}

/** Where a certificate was refused the error says ECONNRESET whatever was wrong with it (threats 0.4). */
function reasonOf(error: NodeJS.ErrnoException, { authorizationError }: Refused): HandshakeReason {
  if (authorizationError) return BY_VERIFY_ERROR[authorizationError] ?? 'CERTIFICATE_INVALID'
  return BY_ERROR[error.code ?? ''] ?? 'HANDSHAKE_MALFORMED'
}

interface Sum {
  /** How many beyond those told singly, in how many seconds. */
  readonly refused: number
  readonly seconds: number
  readonly reasons: Readonly<Record<string, number>>
  /** Some of the addresses. */
  readonly remotes: readonly string[]
}

function createFlood(tell: { one(reason: HandshakeReason, remote: string): void; many(sum: Sum): void }) {
  let seconds = WINDOW_SECONDS
  let timer: NodeJS.Timeout | undefined
  let told = 0
  let reasons: Record<string, number> = {}
  let remotes = new Set<string>()

  function open(): void {
    told = 0
    reasons = {}
    remotes = new Set()
    timer = setTimeout(close, seconds * 1_000).unref()
  }

  function close(): void {
    clearTimeout(timer)
    timer = undefined
    const refused = Object.values(reasons).reduce((sum, count) => sum + count, 0)
    if (refused === 0) {
      seconds = WINDOW_SECONDS
      return
    }
    tell.many({ refused, seconds, reasons, remotes: [...remotes] })
    seconds = Math.min(seconds * 2, WINDOW_SECONDS_MOST)
    open()
  }

  return {
    add(reason: HandshakeReason, remote: string): void {
      if (timer === undefined) open()
      if (told < SINGLY) {
        told++
        tell.one(reason, remote)
        return
      }
      reasons[reason] = (reasons[reason] ?? 0) + 1
      if (remotes.size < REMOTES_MOST) remotes.add(remote)
    },
    /** Tells what is still untold, and waits for nothing more. */
    end(): void {
      close()
      clearTimeout(timer)
      timer = undefined
    },
  }
}
