import { parseCertificate } from '#pki/parse-certificate.ts'
import { verifyCsr } from '#pki/requests.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { parseDocument } from '#schemas/document.ts'
import type { RegisteredCertificate } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Identity } from '../identity.ts'
import { thumbprintOf } from '../identity.ts'
import type { Pairs } from '../store/pairs.ts'
import type { AlarmBell } from './raise-alarm.ts'

interface Deps {
  readonly member: string
  readonly trust: Trust
  readonly pairs: Pairs
  readonly identity: Pick<Identity, 'pairs'>
  readonly bell: AlarmBell
}

/** Watches the directory for certificates in our name that we did not ask for. */
export type CertificateWatch = ReturnType<typeof createCertificateWatch>

/**
 * Protocol 3.4: a hub, or an authority, that makes a certificate in our name could answer for us. Then nothing of ours is
 * served until that certificate is revoked or gone: consumers must not get used to two voices.
 */
export function createCertificateWatch({ member, trust, pairs, identity, bell }: Deps) {
  let foreign: readonly string[] = []

  function isOurs(one: RegisteredCertificate, known: ReadonlySet<string>): boolean {
    return known.has(one.thumbprint) || askedFor(one)
  }

  /** An answer that was lost on its way: the request is ours and the key is the one it asked for. */
  function askedFor({ request, certificate }: RegisteredCertificate): boolean {
    const text = pairs.requestText(request)
    if (text === undefined) return false
    try {
      const { spki } = refusingPki(() => ({ spki: parseCertificate(fromBase64url(certificate)).publicKey.der }))
      const { tls, signing } = parseDocument('certificate-request', text).payload
      return [tls, signing].some(
        (proof) => 'csr' in proof && verifyCsr(fromBase64url(proof.csr)).publicKey.equals(spki),
      )
    } catch (error) {
      if (!isRefusal(error)) throw error
      return false
    }
  }

  return {
    /** After each accepted directory and status list. */
    async check(): Promise<void> {
      const known = new Set(identity.pairs().flatMap((pair) => [thumbprintOf(pair.tls), thumbprintOf(pair.signing)]))
      const registered = trust.findMember(member)?.certificates ?? []
      foreign = registered
        .filter((one) => trust.statusOf(one.status) !== 'revoked' && !isOurs(one, known))
        .map(({ thumbprint }) => thumbprint)
      if (foreign.length === 0) return bell.end('CERTIFICATE_FOREIGN', member)
      await bell.raise('CERTIFICATE_FOREIGN', member, {
        zh: `信任目录中有本节点没有申请过的本单位证书，已停止对外服务：${foreign.join('、')}`,
        en: `The directory has certificates of this member that this node did not ask for; serving is stopped: ${foreign.join(', ')}`,
      })
    },
    /** CERTIFICATE_FOREIGN while one stands. */
    requireNone(): void {
      if (foreign.length > 0) throw new Refusal('CERTIFICATE_FOREIGN', { certificates: foreign })
    },
  }
}
