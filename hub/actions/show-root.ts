import { formatName } from '#pki/names.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { toPem } from '#pki/pem.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import { findProposal, findRootAuthority } from './propose-root.ts'
import type { Office } from './sign-statement.ts'

/** The newest root for people, the whole line for keeping, and the proposal that waits for the offline key, if one does. */
export function showRoot(r: Office) {
  const { id, fingerprint, payload } = r.trust.roots().at(-1) as VerifiedRoot
  return {
    version: payload.version,
    id,
    fingerprint,
    net: payload.net,
    signed: toRfc3339(payload.iat),
    rootKey: findRootAuthority(r) === undefined ? 'offline' : 'here',
    keys: payload.keys.map(({ purpose, certificate, from }) => {
      const { thumbprint, notAfter } = parsed(certificate)
      const inUse =
        r.keys.all().some((key) => key.certificate.thumbprint === thumbprint) &&
        r.keys.find(purpose).certificate.thumbprint === thumbprint
      return { purpose, thumbprint, from, until: secondsOf(notAfter), inUse }
    }),
    cas: payload.cas.map(({ name, kind, certificates }) => ({
      name,
      kind,
      certificates: certificates.map(parsed).map(({ thumbprint, subject, notAfter }) => ({
        thumbprint,
        subject: formatName(subject),
        until: secondsOf(notAfter),
      })),
      /** For `hub ca remove`, `openssl` and whoever checks our certificates. */
      pem: toPem('CERTIFICATE', parsed(certificates[0] as string).der),
    })),
    proposal: findProposal(r) ?? null,
    roots: r.trust.roots().map(({ text }) => text),
  }
}

const secondsOf = (date: Date) => toRfc3339(date.getTime() / 1000)

const parsed = (text: string) => parseCertificate(fromBase64url(text))
