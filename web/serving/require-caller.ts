import type { TLSSocket } from 'node:tls'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '#schemas/hash.ts'
import type { TrustedCertificate } from '#schemas/judge-certificates.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import { createIdleConnections } from './idle-connections.ts'

/** Whose certificate is at the other end, proved anew for each request. */
export interface Caller {
  readonly member: MemberEntry
  readonly certificate: TrustedCertificate
  /** SHA-256 of the TLS certificate, hex. */
  readonly thumbprint: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireCaller` only; routes read it by `callerOf`. */
    caller?: Caller
  }
}

export interface CallerDeps {
  readonly trust: Pick<Trust, 'requireCertificate'>
  /** Fetches root and directory once (at most every 5 s) for a thumbprint not yet known; a hub, always current, has none. */
  readonly refresh?: () => Promise<void>
}

/**
 * onRequest hook of a mutual-TLS listener: status is asked on each request, since open sockets outlive revocation
 * (threats 0.2). A refused caller's connection ends with the answer, one that rests within seconds.
 */
export function requireCaller({ trust, refresh }: CallerDeps) {
  const thumbprints = new WeakMap<TLSSocket, string>()
  const idle = createIdleConnections((thumbprint) => isGoodCaller(trust, thumbprint))

  function thumbprintOf(socket: TLSSocket): string {
    const known = thumbprints.get(socket)
    if (known !== undefined) return known
    // `authorized`: the handshake proved possession and a chain to a listed CA.
    const der = socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined
    if (der === undefined) throw new Refusal('CERTIFICATE_REQUIRED')
    const thumbprint = sha256(der)
    thumbprints.set(socket, thumbprint)
    return thumbprint
  }

  async function find(thumbprint: string): Promise<TrustedCertificate> {
    try {
      return trust.requireCertificate(thumbprint, 'tls')
    } catch (error) {
      if (!(isRefusal(error, 'CERTIFICATE_UNREGISTERED') && refresh !== undefined)) throw error
      await refresh()
      return trust.requireCertificate(thumbprint, 'tls')
    }
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const socket = request.raw.socket as TLSSocket
    try {
      const thumbprint = thumbprintOf(socket)
      const certificate = await find(thumbprint)
      idle.answering(socket, thumbprint, reply.raw)
      request.caller = { member: certificate.member, certificate, thumbprint }
    } catch (error) {
      reply.header('connection', 'close')
      reply.raw.once('finish', () => socket.destroySoon())
      throw error
    }
  }
}

/** Does this TLS certificate count at this moment? For what outlives a request. */
export function isGoodCaller(trust: CallerDeps['trust'], thumbprint: string): boolean {
  try {
    trust.requireCertificate(thumbprint, 'tls')
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

/** The caller of a route behind `requireCaller`; without that hook nobody is let in. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Refusal('CERTIFICATE_REQUIRED')
  return request.caller
}
