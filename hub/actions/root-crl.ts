import { issuerOf } from '#pki/certificates.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { verifyCrl } from '#pki/revocation.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'
import { parseJsonText } from '#schemas/json.ts'
import type { Root } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { CERTIFICATE, closed, SECONDS } from '#schemas/shapes.ts'
import { type Shape, validate } from '#schemas/validate.ts'
import { CRL_DAYS } from './make-authority.ts'
import { findRootAuthority } from './propose-root.ts'
import type { Office } from './sign-statement.ts'

const PROPOSAL = closed(
  {
    hanghui: { const: 'root-crl-proposal' },
    certificate: CERTIFICATE,
    revoked: {
      type: 'array',
      maxItems: 1_000,
      items: closed({ serial: { type: 'string', pattern: '^[0-9a-f]{1,40}$' }, date: SECONDS }, ['serial', 'date']),
    },
    number: SECONDS,
    nextUpdate: SECONDS,
  },
  ['hanghui', 'certificate', 'revoked', 'number', 'nextUpdate'],
)
const SIGNED = closed({ hanghui: { const: 'root-crl' }, crl: { type: 'string', maxLength: 1_000_000 } }, [
  'hanghui',
  'crl',
])

/** The root's CRL as it waits for the offline key: issuing CAs that no root lists any more. Times are Unix seconds. */
export type RootCrlProposal = Shape<typeof PROPOSAL>

/** A proposal file; ROOT_INVALID names the field. */
export function parseCrlProposal(text: string): RootCrlProposal {
  return validate(PROPOSAL, parseJsonText(text), 'ROOT_INVALID')
}

/** What `pki root crl` did: signed at once, or what the offline key is to sign. */
export type RootCrl =
  | { readonly state: 'installed'; readonly crl: string }
  | { readonly state: 'proposed'; readonly proposal: RootCrlProposal }

/** Signs the root's CRL while its key lies here, else proposes it. */
export async function renewRootCrl(r: Office): Promise<RootCrl> {
  const proposal = draftCrl(r)
  const authority = findRootAuthority(r)
  if (authority === undefined) return { state: 'proposed', proposal }
  const revoked = proposal.revoked.map(({ serial, date }) => ({
    serial,
    date: new Date(date * 1000),
    reason: 'cessationOfOperation' as const,
  }))
  const der = await issueCrl({
    issuer: issuerOf(authority.certificate, authority.key),
    revoked,
    number: BigInt(proposal.number),
    now: r.clock.date(),
    nextUpdate: new Date(proposal.nextUpdate * 1000),
  })
  return installCrl(r, der)
}

/** Takes the list that the offline key signed. CRL_INVALID. */
export async function installSignedCrl(r: Office, text: string): Promise<RootCrl> {
  return installCrl(r, Buffer.from(fromBase64url(validate(SIGNED, parseJsonText(text), 'CRL_INVALID').crl)))
}

async function installCrl(r: Office, der: Buffer): Promise<RootCrl> {
  const root = parseCertificate(fromBase64url(r.trust.root().certificate))
  const crl = refusingPki(() => parseCrl(der))
  const number = Number(refusingPki(() => verifyCrl(crl, root, r.clock.date())))
  const issuer = sha256(root.publicKey.der)
  const seconds = (date: Date | undefined) => Math.floor((date?.getTime() ?? 0) / 1000)
  await r.commit(() => {
    if (!(number > (r.crls.find(issuer)?.number ?? 0))) throw new Refusal('CRL_INVALID', { rule: 'crl-number' })
    r.crls.replace({ issuer, number, der, issued: seconds(crl.thisUpdate), nextUpdate: seconds(crl.nextUpdate) })
    r.journal.append('crl', crl.thumbprint)
  })
  return { state: 'installed', crl: crl.thumbprint }
}

/** Issuing CAs that this root certified and that the newest root no longer lists. */
function draftCrl(r: Office): RootCrlProposal {
  const { certificate } = r.trust.root()
  const root = parseCertificate(fromBase64url(certificate))
  const roots = r.trust.roots().map(({ payload }) => payload)
  const listed = (payload: Root): string[] =>
    payload.cas.flatMap(({ kind, certificates: [first] }) =>
      kind === 'embedded' && first !== undefined ? [first] : [],
    )
  // The day it went stands in the first root without it; a date that moves with each list would say nothing.
  const gone = new Map<string, number>()
  for (const [index, payload] of roots.entries()) {
    for (const one of roots[index - 1] === undefined ? [] : listed(roots[index - 1] as Root))
      if (!listed(payload).includes(one)) gone.set(one, payload.iat)
  }
  for (const one of listed(r.trust.root())) gone.delete(one)
  const now = r.clock.now()
  return {
    hanghui: 'root-crl-proposal',
    certificate,
    revoked: [...gone]
      .map(([text, date]) => ({ ...parseCertificate(fromBase64url(text)), date }))
      .filter(({ issuer }) => issuer.der.equals(root.subject.der))
      .map(({ serial, date }) => ({ serial, date })),
    number: Math.max((r.crls.find(sha256(root.publicKey.der))?.number ?? 0) + 1, now),
    nextUpdate: now + CRL_DAYS.root * 86_400,
  }
}
