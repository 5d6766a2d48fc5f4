import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { generateKeyPair, type KeyPair, keyPairOf, readPrivateKey, spkiOf, writePrivateKey } from '#pki/keys.ts'
import { makeCsr } from '#pki/requests.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { onlySignature, parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'

/** The keys of one pair, as they lie in `keys/`. */
export interface PairKeys {
  readonly tls: KeyPair
  readonly signing: KeyPair
}

export interface RequestFacts {
  readonly net: string
  readonly member: string
  readonly iat: number
  readonly endpoint: string | null
}

const fileOf = (folder: string, number: number, use: 'tls' | 'signing') => join(folder, `${number}-${use}.pem`)

/** New keys for a pair, written before anything names them; a pair of a try that was cut off is written over. */
export function makePairKeys(folder: string, number: number, passphrase: string): PairKeys {
  const keys = { tls: generateKeyPair(), signing: generateKeyPair() }
  refusingPki(() => {
    writePrivateKey(fileOf(folder, number, 'tls'), keys.tls.privateKey, passphrase)
    writePrivateKey(fileOf(folder, number, 'signing'), keys.signing.privateKey, passphrase)
  })
  return keys
}

/** KEY_UNREADABLE, KEY_PERMISSIONS. */
export function readPairKeys(folder: string, number: number, passphrase: string): PairKeys {
  return refusingPki(() => ({
    tls: keyPairOf(readPrivateKey(fileOf(folder, number, 'tls'), passphrase)),
    signing: keyPairOf(readPrivateKey(fileOf(folder, number, 'signing'), passphrase)),
  }))
}

/** Protocol 3.2, 3.3: a certificate-request for these keys, signed by the pair before, at enrolment by the new signing key. */
export async function signRequest(
  keys: PairKeys,
  facts: RequestFacts,
  previous: Signer | undefined,
): Promise<{ request: string; requestText: string }> {
  const signer = previous ?? { key: keys.signing.privateKey, thumbprint: spkiHash(keys.signing) }
  const requestText = signDocument(
    'certificate-request',
    {
      net: facts.net,
      jti: newJti(),
      iat: facts.iat,
      member: facts.member,
      previous: previous?.thumbprint ?? null,
      tls: { csr: await csrOf(keys.tls, facts.member, 'node-tls') },
      signing: { csr: await csrOf(keys.signing, facts.member, 'node-signing') },
      endpoint: facts.endpoint,
    },
    signer,
  )
  return { request: parseDocument('certificate-request', requestText).id, requestText }
}

/** Certificate before this request; null at enrolment. */
export function previousOf(requestText: string): string | null {
  return parseDocument('certificate-request', requestText).payload.previous
}

/** Thumbprint under which a request is signed. */
export function signerOf(requestText: string): string {
  return onlySignature(parseDocument('certificate-request', requestText)).thumbprint
}

/** The name is a wish: what the certificate says is the registrar's decision. */
async function csrOf(keys: KeyPair, member: string, role: 'node-tls' | 'node-signing'): Promise<string> {
  return toBase64url(await makeCsr(keys, { commonName: member, organization: member, role, member }))
}

function spkiHash({ publicKey }: KeyPair): string {
  return createHash('sha256').update(spkiOf(publicKey)).digest('hex')
}
