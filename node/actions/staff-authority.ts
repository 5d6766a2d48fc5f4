import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type Issuer, issueRoot, issuerOf } from '#pki/certificates.ts'
import { verifyChain } from '#pki/chain.ts'
import { generateKeyPair, readPrivateKey, writePrivateKey } from '#pki/keys.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { NodeDeps } from '../deps.ts'
import type { Staff } from '../store/staff.ts'
import { createTurns } from './take-turns.ts'

type Needs = Pick<NodeDeps, 'dataDir' | 'passphrase' | 'member' | 'membership' | 'clock' | 'commit' | 'stores'>

/** The node's own small authority, which vouches for its staff to its console and to nobody else. */
export type StaffAuthority = ReturnType<typeof createStaffAuthority>

/** Its key lies in `keys/staff-ca.pem` like every other; it is made with the first certificate, never by starting. */
export function createStaffAuthority({ dataDir, passphrase, member, membership, clock, commit, stores }: Needs) {
  const path = join(dataDir, 'keys', 'staff-ca.pem')
  const inTurn = createTurns()

  function certificate(): Certificate | undefined {
    const text = stores.facts.find('staff-ca')
    return text === undefined ? undefined : parseCertificate(fromBase64url(text))
  }

  /** A key that is gone is refused and not replaced: everybody's certificates would stop counting without a word. */
  function find(): Issuer | undefined {
    const found = certificate()
    if (found === undefined) return undefined
    return issuerOf(
      found,
      refusingPki(() => readPrivateKey(path, passphrase)),
    )
  }

  async function make(): Promise<Issuer> {
    const keys = generateKeyPair()
    const certificate = await issueRoot({ now: clock.date(), name: membership().name, keys, member })
    // The key first: without its certificate in the database it is nobody's and is written over.
    refusingPki(() => writePrivateKey(path, keys.privateKey, passphrase))
    await commit(() => stores.facts.set('staff-ca', toBase64url(certificate.der)))
    return issuerOf(certificate, keys.privateKey)
  }

  return {
    /** Undefined before the first person was added. */
    certificate,
    /** KEY_UNREADABLE when its key is not there. */
    require: (): Promise<Issuer> => inTurn('staff-ca', async () => find() ?? make()),
  }
}

/**
 * Whose certificate a console's connection shows: one that is listed, not removed and valid now; asked on each request.
 * CERTIFICATE_REQUIRED, STAFF_UNKNOWN, CERTIFICATE_EXPIRED.
 */
export function staffMemberOf(
  socket: TLSSocket,
  { staff, authority, clock }: { staff: Staff; authority: StaffAuthority; clock: NodeDeps['clock'] },
): { name: string; thumbprint: string } {
  const der = socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined
  if (der === undefined) throw new Refusal('CERTIFICATE_REQUIRED')
  const thumbprint = sha256(der)
  const known = staff.find(thumbprint)
  const anchor = authority.certificate()
  if (!(known !== undefined && known.removed === null && anchor !== undefined))
    throw new Refusal('STAFF_UNKNOWN', { thumbprint })
  refusingPki(() =>
    verifyChain({
      leaf: parseCertificate(der),
      intermediates: [],
      anchors: [{ certificate: anchor, external: false }],
      now: clock.date(),
      purpose: 'staff',
      crls: 'status-list',
    }),
  )
  return { name: known.name, thumbprint }
}
