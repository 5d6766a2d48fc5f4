import { fromBase64url } from '#schemas/base64url.ts'
import { type KeyStep, verifyContinuity } from '#schemas/continuity.ts'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { RegisteredCertificate } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Trust } from '#schemas/trust.ts'
import { validate } from '#schemas/validate.ts'
import type { HubRequests } from '../exchange-deps.ts'
import type { Certificates } from '../store/certificates.ts'

interface Deps {
  readonly trust: Trust
  readonly hub: Pick<HubRequests, 'get'>
  readonly commit: Commit
  readonly certificates: Certificates
  readonly now: () => number
}

/** Answer of `GET /v1/certificates/<request hash or thumbprint>` (Protocol 3.4). */
export const STEP = closed(
  {
    request: { type: 'string', maxLength: 98_304 },
    previous: { anyOf: [{ type: 'string', maxLength: 22_000 }, { type: 'null' }] },
  },
  ['request', 'previous'],
)
const STEP_NAME = new RegExp(HEX.pattern)
/** No certificate has this thumbprint: a line followed towards it is followed to its beginning. */
const NOBODY = '0'.repeat(64)

/**
 * Walks a member's lines of keys back to enrolment and keeps the certificates met on the way. A node that came late thereby
 * verifies what was signed with certificates that have left the directory: each is proved by the request that followed it.
 */
export function createLearnLine({ trust, hub, commit, certificates, now }: Deps): (member: string) => Promise<void> {
  return async (member) => {
    for (const registered of trust.findMember(member)?.certificates ?? []) {
      if (registered.use !== 'signing') continue
      const met = await walkBack(registered)
      if (met.length > 0) await commit(() => certificates.see([{ id: member, certificates: met }], now()))
    }
  }

  async function walkBack(registered: RegisteredCertificate): Promise<RegisteredCertificate[]> {
    const met: RegisteredCertificate[] = []
    let before: string | null = null
    const follow = async (name: string): Promise<KeyStep> => {
      const step = await fetchStep(name)
      // An older certificate is asked for by thumbprint only after the request that names it has been proved.
      if (before !== null && sha256(fromBase64url(before)) === name) met.push(ancestor(name, before, step, registered))
      before = step.previous
      return step
    }
    try {
      await verifyContinuity(registered, NOBODY, follow)
    } catch (error) {
      if (!isRefusal(error, 'KEY_NOT_CONTINUED')) throw error
    }
    return met
  }

  /** Its own place in the status list is not told any more; a member's revocation covers all its certificates. */
  function ancestor(
    thumbprint: string,
    certificate: string,
    step: KeyStep,
    { status }: RegisteredCertificate,
  ): RegisteredCertificate {
    const request = parseDocument('certificate-request', step.request).id
    return { use: 'signing', thumbprint, certificate, request, status }
  }

  async function fetchStep(name: string): Promise<KeyStep> {
    if (!STEP_NAME.test(name)) throw new Error('a step is named by a hash')
    return validate(STEP, await hub.get(`/v1/certificates/${name}`), 'PEER_MISBEHAVED')
  }
}
