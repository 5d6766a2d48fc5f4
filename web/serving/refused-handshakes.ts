import type { Server, Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { createFlood } from './flood.ts'

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

/** Told singly in a second. */
const SINGLY = 3

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
  const flood = createFlood(SINGLY, (sum) =>
    log.warn({ code: 'HANDSHAKE_REFUSED', ...sum, port }, 'further handshakes refused'),
  )
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Refused) => {
    const reason = reasonOf(error, socket)
    const remote = socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown'
    flood.add(reason, remote, () => log.warn({ code: 'HANDSHAKE_REFUSED', reason, remote, port }, 'handshake refused'))
  })
  server.on('close', flood.end)
}

/** Where a certificate was refused the error says ECONNRESET whatever was wrong with it (threats 0.4). */
function reasonOf(error: NodeJS.ErrnoException, { authorizationError }: Refused): HandshakeReason {
  if (authorizationError) return BY_VERIFY_ERROR[authorizationError] ?? 'CERTIFICATE_INVALID'
  return BY_ERROR[error.code ?? ''] ?? 'HANDSHAKE_MALFORMED'
}
