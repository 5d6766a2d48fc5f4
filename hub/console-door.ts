import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { checkCertificate } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { People } from '#web/console/door.ts'
import type { Office } from './actions/sign-statement.ts'

/** Operators with a role enter; the last role gone, they are out at their next click. */
export function operatorsAsPeople({ operators }: Pick<Office, 'operators'>): People {
  const find = (name: string) => {
    const roles = operators.roles(name)
    return roles.length === 0 ? undefined : { name, roles }
  }
  return {
    find,
    list: () =>
      operators
        .all()
        .map(({ name }) => find(name))
        .filter((person) => person !== undefined),
  }
}

/** Whose certificate a connection shows: one of ours, made for an operator, not revoked, valid now: asked on each request. */
export function operatorOf(r: Office, request: FastifyRequest): { name: string; thumbprint: string } {
  const socket = request.raw.socket as TLSSocket
  const der = socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined
  if (der === undefined) throw new Refusal('CERTIFICATE_REQUIRED')
  const thumbprint = sha256(der)
  const known = r.operators.findCertificate(thumbprint)
  if (known === undefined) throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint })
  if (!(known.revoked === null)) throw new Refusal('CERTIFICATE_REVOKED', { thumbprint })
  checkCertificate(der, 'operator', r.trust.root().cas, r.clock.date())
  return { name: known.operator, thumbprint }
}
