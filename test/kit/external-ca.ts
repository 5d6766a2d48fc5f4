import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Agent, request } from 'undici'
import { issueIssuingCa, issueRoot, issuerOf, issueSigningCertificate, issueTlsCertificate } from '#pki/certificates.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { toPem } from '#pki/pem.ts'
import { clientTlsOptions } from '#pki/tls.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { makePairKeys } from '../../node/actions/certificate-request.ts'
import { createPairs } from '../../node/store/pairs.ts'
import { authoritiesOf, speakAs } from './speak-as.ts'
import type { Network, Who } from './start-network.ts'

const NAME = '外部认证机构'

/** A licensed CA of the outside world: its own root, and a revocation list that the hub fetches over HTTP. */
export async function startExternalCa() {
  const now = new Date()
  const [rootKeys, caKeys] = [generateKeyPair(), generateKeyPair()]
  const root = await issueRoot({ now, name: NAME, keys: rootKeys })
  const issuing = await issueIssuingCa({
    now,
    name: NAME,
    issuer: issuerOf(root, rootKeys.privateKey),
    publicKey: spkiOf(caKeys.publicKey),
  })
  const issuer = issuerOf(issuing, caKeys.privateKey)
  const revoked: { serial: string; date: Date; reason: 'affiliationChanged' }[] = []
  let fetched = 0
  const server = createServer((_request, response) => {
    fetched += 1
    const nextUpdate = new Date(now.getTime() + 30 * 86_400_000)
    void issueCrl({ issuer, revoked, number: BigInt(fetched), now, nextUpdate }).then((list) => response.end(list))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const crlUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.crl`
  return {
    name: NAME,
    pem: [issuing, root].map(({ der }) => toPem('CERTIFICATE', der)).join(''),
    async issue(member: string, keys: { readonly tls: KeyPair; readonly signing: KeyPair }) {
      const draft = { now, issuer, member, name: '某单位', crlUrl }
      const hosts = ['127.0.0.1']
      const tls = await issueTlsCertificate({ ...draft, publicKey: spkiOf(keys.tls.publicKey), hosts })
      return { tls, signing: await issueSigningCertificate({ ...draft, publicKey: spkiOf(keys.signing.publicKey) }) }
    },
    revoke: (der: Uint8Array) =>
      void revoked.push({ serial: parseCertificate(der).serial, date: now, reason: 'affiliationChanged' }),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type ExternalCa = Awaited<ReturnType<typeof startExternalCa>>

/** A node goes on with certificates of that CA, asked for by its keys before (contract, Key continuity). Returns its TLS certificate. */
export async function moveToExternal(network: Network, who: Who, ca: ExternalCa): Promise<Buffer> {
  const node = network.node(who)
  const { exchange } = node.listeners()
  const { signer } = speakAs(network, who)
  const previous = signer()
  await node.stop()
  const db = new Database(join(node.dataDir, 'node.db'))
  try {
    const pairs = createPairs(db)
    const number = pairs.nextNumber()
    const passphrase = readFileSync(join(network.home, `${who}.pass`), 'utf8').trim()
    const made = await ca.issue(node.id, makePairKeys(join(node.dataDir, 'keys'), number, passphrase))
    const requestText = signDocument(
      'certificate-request',
      {
        net: network.fingerprint,
        jti: newJti(),
        iat: Math.floor(Date.now() / 1000),
        member: node.id,
        previous: previous.thumbprint,
        tls: { certificate: toBase64url(made.tls.der), chain: [] },
        signing: { certificate: toBase64url(made.signing.der), chain: [] },
        endpoint: exchange as string,
      },
      previous,
    )
    const { tls, signing } = await postRenewal(network, requestText)
    const pending = { number, request: parseDocument('certificate-request', requestText).id, requestText }
    pairs.ask(pending)
    const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
    const { notBefore, notAfter } = made.tls
    pairs.answer({ ...pending, tls, signing, notBefore: seconds(notBefore), notAfter: seconds(notAfter) })
    return made.tls.der
  } finally {
    db.close()
    await node.start()
  }
}

async function postRenewal(network: Network, text: string): Promise<{ tls: string[]; signing: string[] }> {
  const dispatcher = new Agent({
    connect: clientTlsOptions({ identity: 'none', serverCas: authoritiesOf(network), expect: () => {} }),
  })
  try {
    const answer = await request(`${network.hub.listeners()['enrolment']}/v1/renewals`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request: text }),
    })
    const body = await answer.body.text()
    if (answer.statusCode !== 201) throw new Error(body)
    return JSON.parse(body).certificates
  } finally {
    await dispatcher.destroy()
  }
}
