import { issueIssuingCa, issueOnlineCertificate, issueRoot, issuerOf } from '#pki/certificates.ts'
import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { addSignature, openGeneralDocument, parseDocument, type Signer } from '#schemas/document.ts'
import type { Root } from '#schemas/kinds.ts'

const NAME = '测试共享中心'

/** A root key with its certificate, an issuing CA below it and two online keys. */
export type RootKeys = Awaited<ReturnType<typeof makeRootKeys>>

export async function makeRootKeys(now: Date) {
  const root = generateKeyPair()
  const certificate = await issueRoot({ name: NAME, keys: root, now })
  const ca = await makeIssuingCa({ certificate, key: root }, now)
  const online = { directory: await ca.makeOnline('directory'), grant: await ca.makeOnline('grant') }
  return { certificate, key: root, ca, online }
}

async function makeIssuingCa(root: { readonly certificate: Certificate; readonly key: KeyPair }, now: Date) {
  const keys = generateKeyPair()
  const certificate = await issueIssuingCa({
    name: NAME,
    issuer: issuerOf(root.certificate, root.key.privateKey),
    publicKey: spkiOf(keys.publicKey),
    now,
  })
  const issuer = issuerOf(certificate, keys.privateKey)
  return {
    issuer,
    certificate,
    key: keys,
    async makeOnline(purpose: 'directory' | 'grant', at = now) {
      const pair = generateKeyPair()
      const made = await issueOnlineCertificate({
        name: NAME,
        purpose,
        issuer,
        publicKey: spkiOf(pair.publicKey),
        now: at,
      })
      return { purpose, key: pair, certificate: made }
    },
  }
}

type OnlineKey = Awaited<ReturnType<RootKeys['ca']['makeOnline']>>

/** A root document's payload: number, what went before, whose it is, and the online keys it names. */
export function rootPayload(
  keys: Pick<RootKeys, 'certificate' | 'ca'>,
  before: string | undefined,
  online: readonly OnlineKey[],
  iat: number,
): Root {
  const previous = before === undefined ? undefined : parseDocument('root', before)
  return {
    kind: 'root',
    net: previous?.net ?? keys.certificate.thumbprint,
    version: (previous?.payload.version ?? 0) + 1,
    iat,
    previous: previous?.id ?? null,
    certificate: toBase64url(keys.certificate.der),
    keys: online.map(({ purpose, certificate }) => ({
      purpose,
      certificate: toBase64url(certificate.der),
      from: toRfc3339(iat),
    })),
    cas: [
      {
        name: NAME,
        kind: 'embedded',
        certificates: [keys.ca.certificate, keys.certificate].map(({ der }) => toBase64url(der)),
      },
    ],
  }
}

/** A payload signed as a root, and by the key before it where one is given. */
export function signRootAs(payload: Root, root: Signer, previous?: Signer): string {
  const { iat } = payload
  const text = openGeneralDocument('root', payload, root, { role: 'root', iat })
  return previous === undefined ? text : addSignature(text, 'root', previous, { role: 'previous', iat })
}

export const signerOf = ({
  certificate,
  key,
}: {
  readonly certificate: Certificate
  readonly key: KeyPair
}): Signer => ({ key: key.privateKey, thumbprint: certificate.thumbprint })
