import { issueOperatorCertificate } from '#pki/certificates.ts'
import { generateKeyPair, newPassphrase, spkiOf } from '#pki/keys.ts'
import { exportPkcs12 } from '#pki/pkcs12.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import { crlUrl } from './make-authority.ts'
import { issuingCa } from './online-keys.ts'
import type { Office } from './sign-statement.ts'

/** PKCS#12 in base64; `passphrase` only where it was made here. The key is nowhere else and is forgotten with the answer. */
export interface OperatorExport {
  readonly operator: string
  readonly pkcs12: string
  readonly passphrase?: string
  readonly thumbprint: string
  readonly expires: string
}

/** A client certificate for an operator's browser, one year; `by` whom it was made stands in the record, null for the machine's own user. OPERATOR_UNKNOWN. */
export async function exportOperator(
  r: Office,
  operator: string,
  given: string | undefined,
  by: string | null,
): Promise<OperatorExport> {
  if (r.operators.find(operator) === undefined || r.operators.roles(operator).length === 0)
    throw new Refusal('OPERATOR_UNKNOWN', { operator })
  const { issuer, chain } = issuingCa(r)
  const pair = generateKeyPair()
  const certificate = await issueOperatorCertificate({
    now: r.clock.date(),
    issuer,
    publicKey: spkiOf(pair.publicKey),
    name: r.config.name,
    operator,
    crlUrl: crlUrl(r.config.publicUrl, issuer.certificate),
  })
  const passphrase = given ?? newPassphrase()
  const bytes = await refusingPkiLater(() =>
    exportPkcs12({ key: pair.privateKey, certificate, chain, passphrase, friendlyName: operator }),
  )
  const notAfter = Math.floor(certificate.notAfter.getTime() / 1000)
  await r.commit(() => {
    r.operators.addCertificate({
      thumbprint: certificate.thumbprint,
      operator,
      der: certificate.der,
      serial: certificate.serial,
      issuer: sha256(issuer.certificate.publicKey.der),
      notAfter,
      revoked: null,
    })
    r.facts.record('operator-certificate', { operator, thumbprint: certificate.thumbprint, by, at: r.clock.now() })
  })
  return {
    operator,
    pkcs12: bytes.toString('base64'),
    ...(given === undefined ? { passphrase } : {}),
    thumbprint: certificate.thumbprint,
    expires: toRfc3339(notAfter),
  }
}

async function refusingPkiLater<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    return refusingPki(() => {
      throw error
    })
  }
}
