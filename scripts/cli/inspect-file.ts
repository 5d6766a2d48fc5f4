import { readFile } from 'node:fs/promises'
import { Refusal } from '#schemas/refusal.ts'
import type { CommandContext, Outcome, Values } from './command.ts'
import { refusingFileErrors } from './read-input.ts'

/** `pki inspect FILE`: what a file says. Nothing in it is verified. */
export async function inspectFile(values: Values, _context: CommandContext): Promise<Outcome> {
  const file = String(values['file'])
  const bytes = await refusingFileErrors(file, () => readFile(file))
  return { result: { file, verified: false, ...(await describe(bytes)) } }
}

async function describe(bytes: Buffer): Promise<Record<string, unknown>> {
  const text = bytes.toString('utf8').trim()
  if (text.includes('-----BEGIN CERTIFICATE REQUEST-----')) return describeRequest(text)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return describePem(text)
  if (text.includes('-----BEGIN X509 CRL-----')) return describeCrls(text)
  if (text.startsWith('HH1.')) return describeCode(text)
  if (text.startsWith('{') || /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return describeDocument(text)
  const { parseCertificate } = await import('#pki/parse-certificate.ts')
  // A DER certificate is a SEQUENCE; what begins otherwise is none of the kinds there are.
  if (bytes[0] !== 0x30) throw new Refusal('CERTIFICATE_INVALID', { detail: NOT_KNOWN })
  return { kind: 'certificate', ...certificate(parseCertificate(bytes)) }
}

const NOT_KNOWN = {
  zh: '不是证书、证书请求、吊销列表、接入码、签名文件或证明文件',
  en: 'This is no certificate, certificate request, revocation list, enrolment code, signed document or proof file',
}

async function describePem(text: string) {
  const { parseCertificatesPem } = await import('#pki/parse-certificate.ts')
  const [first, ...rest] = parseCertificatesPem(text).map(certificate)
  return { kind: 'certificate', ...first, ...(rest.length === 0 ? {} : { issuers: rest }) }
}

type Parsed = import('#pki/parse-certificate.ts').Certificate

function certificate({ thumbprint, serial, subject, issuer, notBefore, notAfter }: Parsed) {
  return {
    fingerprint: thumbprint,
    serial,
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  }
}

/** `CN=…, O=…`: each attribute by the short name of RFC 4519, or its number. */
function nameOf({ attributes }: Parsed['subject']): string {
  return attributes.map(({ oid, value }) => `${SHORT_NAMES[oid] ?? oid}=${value}`).join(', ')
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
}

async function describeRequest(text: string) {
  const { verifyCsr } = await import('#pki/requests.ts')
  const { parsePem } = await import('#pki/pem.ts')
  const [der] = parsePem('CERTIFICATE REQUEST', text)
  const { subject } = verifyCsr(der as Buffer)
  return { kind: 'certificate-request', subject: nameOf(subject) }
}

async function describeCrls(text: string) {
  const { parseCrlsPem } = await import('#pki/parse-crl.ts')
  const [crl] = parseCrlsPem(text)
  const { issuer, thisUpdate, nextUpdate, revoked } = crl as NonNullable<typeof crl>
  return {
    kind: 'crl',
    issuer: nameOf(issuer),
    thisUpdate: thisUpdate.toISOString(),
    nextUpdate: nextUpdate?.toISOString() ?? null,
    revoked: revoked.size,
  }
}

/** The secret stays out of it: a screen is not where it belongs. */
async function describeCode(text: string) {
  const { parseEnrolmentCode } = await import('#schemas/enrolment-code.ts')
  const { url, member, fingerprint } = parseEnrolmentCode(text)
  return { kind: 'enrolment-code', url, member, fingerprint }
}

async function describeDocument(text: string): Promise<Record<string, unknown>> {
  if (!text.startsWith('{')) return describeCompact(text)
  const value = JSON.parse(text) as Record<string, unknown>
  if (value['hanghui'] === 'proof') {
    const { kind, document, files, related } = value as { [key: string]: unknown; document: string }
    return {
      kind: 'proof',
      document: { kind, ...(await describeDocument(document)) },
      files,
      related: (related as { kind: string }[]).map((one) => one.kind),
    }
  }
  if (typeof value['hanghui'] === 'string') return { kind: value['hanghui'], ...value }
  const { payload, signatures } = value as { payload?: string; signatures?: { protected: string }[] }
  if (payload === undefined || signatures === undefined)
    throw new Refusal('DOCUMENT_KIND', { rule: 'a document of ours' })
  return { ...decode(payload), signatures: signatures.map((one) => decode(one.protected)) }
}

function describeCompact(text: string): Record<string, unknown> {
  const [header = '', payload = ''] = text.split('.')
  return { ...decode(payload), header: decode(header) }
}

function decode(segment: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    throw new Refusal('JSON_INVALID', { rule: 'base64url of JSON' })
  }
}
