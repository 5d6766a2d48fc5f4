/** PKCS#12 (RFC 7292) for a person's browser: key and chain under one passphrase. */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto'
import { type Asn1, asn1Writer, openForge } from './asn1-library.ts'
import { PkiError } from './error.ts'
import { spkiOf } from './keys.ts'
import type { Certificate } from './parse-certificate.ts'

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const

/** A person types the passphrase, so guessing has to cost something. */
const keyIterations = 100_000
const macIterations = 100_000

export interface Pkcs12Draft {
  readonly key: KeyObject
  readonly certificate: Certificate
  /** The authorities above it, in order. */
  readonly chain: readonly Certificate[]
  readonly passphrase: string
  /** What the browser shows. */
  readonly friendlyName: string
}

const minPassphraseCharacters = 8

/** The file's bytes: AES-256-CBC under PBKDF2-SHA-256 for key and certificates, HMAC-SHA-256 over all. Throws KEY_UNREADABLE for a short passphrase or a key that is not the certificate's. */
export async function exportPkcs12(draft: Pkcs12Draft): Promise<Buffer> {
  if (!([...draft.passphrase].length >= minPassphraseCharacters)) throw new PkiError('KEY_UNREADABLE', 'passphrase')
  if (!spkiOf(createPublicKey(draft.key)).equals(draft.certificate.publicKey.der))
    throw new PkiError('KEY_UNREADABLE', 'key-mismatch')
  const der = asn1Writer(await openForge())
  const contents = [certificateContents(der, draft), keyContents(der, draft)]
  const safe = der.encode(der.sequence(...contents))
  return der.encode(der.sequence(der.integer(3), dataContent(der, safe), macData(der, safe, draft.passphrase)))
}

type Writer = ReturnType<typeof asn1Writer>

const dataContent = (der: Writer, content: Uint8Array): Asn1 =>
  der.sequence(der.oid(OID.data), der.explicit(0, der.octets(content)))

/** RFC 7292 section 4.2.2: the key, encrypted by itself. */
function keyContents(der: Writer, { key, passphrase, certificate, friendlyName }: Pkcs12Draft): Asn1 {
  const { algorithm, ciphertext } = encrypt(der, key.export({ type: 'pkcs8', format: 'der' }), passphrase)
  const shrouded = der.sequence(algorithm, der.octets(ciphertext))
  const bag = safeBag(der, OID.shroudedKeyBag, shrouded, attributes(der, certificate, friendlyName))
  return dataContent(der, der.encode(der.sequence(bag)))
}

/** RFC 7292 section 4.2.3: the certificates, encrypted together; they name the person. */
function certificateContents(der: Writer, { certificate, chain, passphrase, friendlyName }: Pkcs12Draft): Asn1 {
  const bag = (each: Certificate, extra: Asn1[]) =>
    safeBag(
      der,
      OID.certificateBag,
      der.sequence(der.oid(OID.x509Certificate), der.explicit(0, der.octets(each.der))),
      extra,
    )
  const own = bag(certificate, attributes(der, certificate, friendlyName))
  const bags = der.encode(der.sequence(own, ...chain.map((each) => bag(each, []))))
  const { algorithm, ciphertext } = encrypt(der, bags, passphrase)
  const content = der.sequence(der.oid(OID.data), algorithm, der.implicit(0, ciphertext))
  return der.sequence(der.oid(OID.encryptedData), der.explicit(0, der.sequence(der.integer(0), content)))
}

function safeBag(der: Writer, kind: string, value: Asn1, extra: Asn1[]): Asn1 {
  return der.sequence(der.oid(kind), der.explicit(0, value), ...(extra.length === 0 ? [] : [der.set(...extra)]))
}

/** The same local id on key and certificate is how a browser finds that they belong together. */
function attributes(der: Writer, certificate: Certificate, friendlyName: string): Asn1[] {
  return [
    der.sequence(der.oid(OID.friendlyName), der.set(der.bmpString(friendlyName))),
    der.sequence(
      der.oid(OID.localKeyId),
      der.set(der.octets(Buffer.from(certificate.thumbprint, 'hex').subarray(0, 20))),
    ),
  ]
}

/** PBES2 (RFC 8018 section 6.2). */
function encrypt(der: Writer, plaintext: Uint8Array, passphrase: string): { algorithm: Asn1; ciphertext: Buffer } {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, keyIterations, 32, 'sha256'), iv)
  const derivation = der.sequence(
    der.oid(OID.pbkdf2),
    der.sequence(
      der.octets(salt),
      der.integer(keyIterations),
      der.integer(32),
      der.sequence(der.oid(OID.hmacSha256), der.null()),
    ),
  )
  const algorithm = der.sequence(
    der.oid(OID.pbes2),
    der.sequence(derivation, der.sequence(der.oid(OID.aes256Cbc), der.octets(iv))),
  )
  return { algorithm, ciphertext: Buffer.concat([cipher.update(plaintext), cipher.final()]) }
}

function macData(der: Writer, content: Uint8Array, passphrase: string): Asn1 {
  const salt = randomBytes(16)
  const mac = createHmac('sha256', macKey(passphrase, salt)).update(content).digest()
  const digest = der.sequence(der.sequence(der.oid(OID.sha256), der.null()), der.octets(mac))
  return der.sequence(digest, der.octets(salt), der.integer(macIterations))
}

/** RFC 7292 appendix B.2 for 32 bytes of SHA-256, its first block being all that is needed; the passphrase is UTF-16BE with a final zero. */
function macKey(passphrase: string, salt: Buffer): Buffer {
  const blockBytes = 64
  const fill = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes)
  const password = Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
  const macPurpose = 3
  let key = Buffer.concat([Buffer.alloc(blockBytes, macPurpose), fill(salt), fill(password)])
  for (let round = 0; round < macIterations; round++) key = createHash('sha256').update(key).digest()
  return key
}
