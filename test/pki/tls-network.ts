import {
  issueHubTlsCertificate,
  issueIssuingCa,
  issueRoot,
  issueSigningCertificate,
  issueTlsCertificate,
} from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import type { TlsIdentity } from '#pki/tls.ts'

export const ALICE = '51100000PDY00001X3'
export const BOB = '51100000PDY0000283'

/** An authority of its own with a hub, two nodes and what they show. */
export async function tlsNetwork(at: Date) {
  const rootKeys = generateKeyPair()
  const root = await issueRoot({ name: '行汇', keys: rootKeys, now: at })
  const keys = generateKeyPair()
  const above = { certificate: root, privateKey: rootKeys.privateKey }
  const issuing = await issueIssuingCa({ name: '行汇', issuer: above, publicKey: spkiOf(keys.publicKey), now: at })
  const issuer = { certificate: issuing, privateKey: keys.privateKey }
  const holder = generateKeyPair()
  const publicKey = spkiOf(holder.publicKey)
  const show = (leaf: Certificate): TlsIdentity => ({ key: holder.privateKey, chain: [leaf.der, issuing.der] })
  const node = async (member: string, hosts: readonly string[] = ['127.0.0.1']) =>
    show(await issueTlsCertificate({ issuer, publicKey, now: at, member, name: '演示', hosts, days: 1 }))
  return {
    root,
    issuing,
    cas: [root.der, issuing.der],
    node,
    hub: show(
      await issueHubTlsCertificate({ issuer, publicKey, now: at, name: '行汇', hosts: ['127.0.0.1', 'localhost'] }),
    ),
    signing: show(await issueSigningCertificate({ issuer, publicKey, now: at, member: ALICE, name: '演示' })),
  }
}
