import { issuerOf } from '#pki/certificates.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import { generateKeyPair, readPrivateKey, writePrivateKey } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { parseJsonText } from '#schemas/json.ts'
import { parseCrlProposal, type RootCrlProposal } from './actions/root-crl.ts'
import { parseProposal, signRoot } from './actions/sign-root.ts'

/** What the offline machine needs: the proposal's text, the root key's file with its passphrase, where a new root key goes. */
export interface CeremonyOptions {
  readonly proposal: string
  readonly keyFile: string
  readonly passphrase: string
  /** For a proposal of a new root key: its file, encrypted under the same passphrase. */
  readonly newKeyFile?: string
  readonly now?: () => number
}

/** The signed text to carry back to the hub, and what it is. */
export interface Signed {
  readonly kind: 'root' | 'crl'
  readonly signed: string
}

/**
 * Signs a root proposal or a proposal of the root's CRL with an offline root key: no network, no data folder. The result
 * goes back to the hub by `pki root sign`. KEY_UNREADABLE, KEY_PERMISSIONS, ROOT_INVALID.
 */
export async function signOffline(options: CeremonyOptions): Promise<Signed> {
  const { proposal, keyFile, passphrase, newKeyFile, now = Date.now } = options
  const key = refusingPki(() => readPrivateKey(keyFile, passphrase))
  const at = new Date(now())
  if (isCrl(proposal)) return { kind: 'crl', signed: await signRootCrl(parseCrlProposal(proposal), key, at) }
  const parsed = parseProposal(proposal)
  const certificate = parseCertificate(fromBase64url(parsed.payload.certificate))
  const newKeys = parsed.newRoot === undefined || newKeyFile === undefined ? undefined : generateKeyPair()
  // The new key is on disk before anything names it.
  if (newKeys !== undefined && newKeyFile !== undefined)
    refusingPki(() => writePrivateKey(newKeyFile, newKeys.privateKey, passphrase))
  return { kind: 'root', signed: await signRoot(parsed, { certificate, key }, at, newKeys) }
}

function isCrl(text: string): boolean {
  return (parseJsonText(text) as { hanghui?: unknown } | null)?.hanghui === 'root-crl-proposal'
}

/** The list as `{"hanghui":"root-crl","crl": base64url DER}`. */
async function signRootCrl(
  { certificate, revoked, number, nextUpdate }: RootCrlProposal,
  key: Parameters<typeof issuerOf>[1],
  now: Date,
): Promise<string> {
  const issuer = issuerOf(parseCertificate(fromBase64url(certificate)), key)
  const entries = revoked.map(({ serial, date }) => ({
    serial,
    date: new Date(date * 1000),
    reason: 'cessationOfOperation' as const,
  }))
  const der = await issueCrl({
    issuer,
    revoked: entries,
    number: BigInt(number),
    now,
    nextUpdate: new Date(nextUpdate * 1000),
  })
  return JSON.stringify({ hanghui: 'root-crl', crl: toBase64url(der) })
}
