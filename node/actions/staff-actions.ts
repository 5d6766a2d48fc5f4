import { issueStaffCertificate } from '#pki/certificates.ts'
import { generateKeyPair, newPassphrase, spkiOf } from '#pki/keys.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { exportPkcs12 } from '#pki/pkcs12.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed, NAME } from '#schemas/shapes.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import type { NodeDeps } from '../deps.ts'
import type { Staff } from '../store/staff.ts'
import type { StaffAuthority } from './staff-authority.ts'

const PERSON = { ...NAME, maxLength: 64, pattern: '^\\S(.*\\S)?$' } as const
const ADD = closed({ name: PERSON, passphrase: { type: 'string', minLength: 8, maxLength: 200 } }, ['name'])
const REMOVE = closed({ name: PERSON }, ['name'])
const NOTHING = closed({}, [])

type Needs = Pick<NodeDeps, 'member' | 'membership' | 'clock' | 'commit' | 'journal' | 'trust'> & {
  readonly staff: Staff
  readonly authority: StaffAuthority
}

/** They vouch for the console itself: a system that takes authorities out of such a file knows it from then on. */
function networkAuthorities(trust: NodeDeps['trust']): Certificate[] {
  const own = trust.root().cas.filter(({ kind }) => kind === 'embedded')
  return own.flatMap(({ certificates }) => certificates.map((text) => parseCertificate(fromBase64url(text))))
}

/** `node staff add`, `list` and `remove`: client certificates for the console off this machine (contract, Commands). */
export function staffActions({ member, membership, clock, commit, journal, trust, staff, authority }: Needs): Actions {
  /** A PKCS#12 in base64, good for a year; `passphrase` only where it was made here. The key is nowhere else. */
  async function add({ name, passphrase: given }: { name: string; passphrase?: string | undefined }) {
    const issuer = await authority.require()
    const pair = generateKeyPair()
    const publicKey = spkiOf(pair.publicKey)
    const organisation = membership().name
    const certificate = await issueStaffCertificate({
      now: clock.date(),
      issuer,
      publicKey,
      member,
      name: organisation,
      person: name,
    })
    const passphrase = given ?? newPassphrase()
    const chain = [issuer.certificate, ...networkAuthorities(trust)]
    const bytes = await exportPkcs12({ key: pair.privateKey, certificate, chain, passphrase, friendlyName: name })
    const notAfter = Math.floor(certificate.notAfter.getTime() / 1000)
    const { thumbprint } = certificate
    await commit(() => {
      staff.add({ thumbprint, name, issued: clock.now(), notAfter })
      journal.append('staff-certificate', thumbprint)
    })
    return {
      name,
      pkcs12: bytes.toString('base64'),
      ...(given === undefined ? { passphrase } : {}),
      thumbprint,
      expires: toRfc3339(notAfter),
    }
  }

  return {
    'staff-add': action(ADD, add),
    'staff-list': action(NOTHING, () =>
      staff.all().map(({ thumbprint, name, issued, notAfter, removed }) => ({
        name,
        thumbprint,
        issued: toRfc3339(issued),
        until: toRfc3339(notAfter),
        state: removed !== null ? 'removed' : notAfter < clock.now() ? 'expired' : 'good',
      })),
    ),
    'staff-remove': action(REMOVE, async ({ name }) => {
      const thumbprints = await commit(() => {
        const removed = staff.remove(name, clock.now())
        for (const thumbprint of removed) journal.append('staff-removed', thumbprint)
        return removed
      })
      if (thumbprints.length === 0) throw new Refusal('STAFF_UNKNOWN', { name })
      return { name, removed: thumbprints.length }
    }),
  }
}
