import { Refusal } from '#schemas/refusal.ts'
import { findRootAuthority, type Proposed, rotateIssuingCa, rotateOnlineKeys } from './propose-root.ts'
import { renewRootCrl } from './root-crl.ts'
import type { Office } from './sign-statement.ts'

/**
 * An issuing CA whose key is in other hands goes at once: a new one, new online keys under it, then a root that lists the
 * old one no more and the root's CRL that names it. Every certificate of its making stops counting; members renew at the
 * enrolment listener, since their keys are registered here and were not lost. BODY_INVALID while the root key is offline: the same is then three proposals,
 * since nothing can be issued under a CA that waits for its certificate.
 */
export async function replaceIssuingCa(r: Office, by: string | null): Promise<Proposed> {
  if (findRootAuthority(r) === undefined)
    throw new Refusal('BODY_INVALID', {
      field: '/compromised',
      rule: 'root key offline: root rotate --key issuing, sign; root rotate --compromised, sign; ca remove, sign; root crl',
    })
  const old = new Set(r.trust.root().cas.flatMap(({ kind, certificates }) => (kind === 'embedded' ? certificates : [])))
  await rotateIssuingCa(r, by)
  const done = await rotateOnlineKeys(
    r,
    ['directory', 'grant', 'log'],
    true,
    by,
    ({ certificates }) => !old.has(certificates[0] as string),
  )
  await renewRootCrl(r)
  return done
}
