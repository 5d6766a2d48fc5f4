import { PkiError } from '#pki/error.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { type Crl, parseCrl } from '#pki/parse-crl.ts'
import { checkRevocation } from '#pki/revocation.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import type { CertificateRow } from '../store/certificates.ts'
import { revokePair, settle } from './change-member.ts'
import { endAlarm, raiseAlarm } from './raise-alarm.ts'
import { type Office, signDecisionOn } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'

/** Fetches a CRL over http; throws whatever kept it away. */
export type FetchCrl = (url: string) => Promise<Uint8Array>

/**
 * Contract, Network facts: the CRLs of external CAs are asked for by the hub alone; what they revoke, the hub revokes, and
 * nodes hear of it by the status list. A list that cannot be had alarms and changes nothing.
 */
export async function pollExternalCrls(r: Office, fetchCrl: FetchCrl): Promise<void> {
  const registered = r.certificates
    .externalSince(r.clock.now())
    .filter(({ request }) => r.certificates.findPair(request)?.state !== 'revoked')
  const lists = new Map<string, Crl | undefined>()
  for (const row of registered) {
    const certificate = parseCertificate(row.der)
    const issuer = listedIssuer(r, certificate)
    for (const url of certificate.extensions.crlDistributionPoints ?? []) {
      if (issuer === undefined || !url.startsWith('http://')) continue
      if (!lists.has(url)) lists.set(url, await fetchList(r, url, fetchCrl))
      const crl = lists.get(url)
      if (crl !== undefined) await judge(r, { row, certificate, issuer, crl, url })
    }
  }
}

/** A registered certificate with the CA that issued it, and that CA's list. */
interface Listed {
  readonly row: CertificateRow
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly crl: Crl
  readonly url: string
}

async function judge(r: Office, { row, certificate, issuer, crl, url }: Listed): Promise<void> {
  const now = r.clock.date()
  try {
    checkRevocation(certificate, issuer, [crl], { now, at: now })
    await r.commit(() => endAlarm(r, 'EXTERNAL_CRL', url))
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    if (error.code === 'CERTIFICATE_REVOKED') await revokeForCa(r, row, error)
    else await alarm(r, url, error.rule)
  }
}

/** By rule: no person decides what the CA has decided. */
async function revokeForCa(
  r: Office,
  { request, member, thumbprint }: CertificateRow,
  { facts }: PkiError,
): Promise<void> {
  await r.commit(() => {
    const pair = r.certificates.findPair(request)
    if (pair === undefined || pair.state === 'revoked') return
    const reason = String(facts['reason'] ?? 'unspecified')
    revokePair(r, pair, reason, undefined)
    signDecisionOn(r, { kind: 'certificate', id: thumbprint }, 'revoked', {
      operator: r.config.name,
      via: { kind: 'rule' },
      reason,
    })
    alignPlaces(r, member)
  })
  await settle(r)
}

async function fetchList(r: Office, url: string, fetchCrl: FetchCrl): Promise<Crl | undefined> {
  try {
    return parseCrl(await fetchCrl(url))
  } catch (error) {
    r.log.warn({ err: error, url }, 'the CRL of an external CA cannot be had')
    await alarm(r, url, error instanceof PkiError ? error.rule : 'unreachable')
    return undefined
  }
}

async function alarm(r: Office, url: string, rule: string): Promise<void> {
  await r.commit(() =>
    raiseAlarm(r, 'EXTERNAL_CRL', url, {
      zh: `外部机构的吊销列表 ${url} 无法使用（${rule}）；其吊销暂不能生效`,
      en: `The revocation list of an external CA, ${url}, is of no use (${rule}); its revocations do not take effect`,
    }),
  )
}

function listedIssuer(r: Office, { issuer }: Certificate): Certificate | undefined {
  const listed = r.trust.root().cas.filter(({ kind }) => kind === 'external')
  return listed
    .flatMap(({ certificates }) => certificates.map((text) => parseCertificate(fromBase64url(text))))
    .find(({ subject }) => subject.der.equals(issuer.der))
}
