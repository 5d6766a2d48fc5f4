import t from 'tap'
import { issueIssuingCa, issueRoot, issuerOf, issueSigningCertificate, issueTlsCertificate } from '#pki/certificates.ts'
import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import { makeCsr } from '#pki/requests.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { type KeyStep, verifyContinuity } from '#schemas/continuity.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'

const member = '51100000PDY00001X3'
const now = new Date()

t.test('a key of another never takes the place of a member, whoever carries the papers', async (t) => {
  const rootKeys = generateKeyPair()
  const root = await issueRoot({ name: 'test', keys: rootKeys, now })
  const caKeys = generateKeyPair()
  const ca = await issueIssuingCa({
    issuer: issuerOf(root, rootKeys.privateKey),
    name: 'test',
    publicKey: spkiOf(caKeys.publicKey),
    now,
  })
  const issuer = issuerOf(ca, caKeys.privateKey)
  const steps = new Map<string, KeyStep>()
  const csrOf = async (keys: KeyPair, role: 'node-tls' | 'node-signing') =>
    toBase64url(await makeCsr(keys, { commonName: 'n', organization: 'n', role, member }))
  const certify = async (keys: KeyPair, use: 'tls' | 'signing', request: string) => {
    const draft = { issuer, publicKey: spkiOf(keys.publicKey), member, name: 'n', now }
    const made =
      use === 'tls'
        ? await issueTlsCertificate({ ...draft, hosts: ['127.0.0.1'] })
        : await issueSigningCertificate(draft)
    const one = { thumbprint: made.thumbprint, certificate: toBase64url(made.der), request }
    steps.set(made.thumbprint, steps.get(request) as KeyStep)
    return one
  }
  const ask = (
    tls: string,
    signing: string,
    signer: { key: KeyPair; thumbprint: string },
    previous: { thumbprint: string; certificate: string } | null,
  ) => {
    const payload = { net: sha256('n'), jti: newJti(), iat: 1, member, previous: previous?.thumbprint ?? null }
    const request = signDocument(
      'certificate-request',
      { ...payload, tls: { csr: tls }, signing: { csr: signing }, endpoint: null },
      { key: signer.key.privateKey, thumbprint: signer.thumbprint },
    )
    const { id } = parseDocument('certificate-request', request)
    steps.set(id, { request, previous: previous?.certificate ?? null })
    return id
  }
  const enrolling = (key: KeyPair) => ({ key, thumbprint: sha256(spkiOf(key.publicKey)) })
  const follow = async (name: string): Promise<KeyStep> => {
    const step = steps.get(name)
    if (step === undefined) throw new Refusal('NOT_FOUND', { name })
    return step
  }

  const [vs, vt, vs2, vt2, rs, rt] = Array.from({ length: 6 }, () => generateKeyPair()) as [
    KeyPair,
    KeyPair,
    KeyPair,
    KeyPair,
    KeyPair,
    KeyPair,
  ]
  const victimSigningCsr = await csrOf(vs, 'node-signing')
  const first = ask(await csrOf(vt, 'node-tls'), victimSigningCsr, enrolling(vs), null)
  const signing = await certify(vs, 'signing', first)
  const tls = await certify(vt, 'tls', first)
  const second = ask(
    await csrOf(vt2, 'node-tls'),
    await csrOf(vs2, 'node-signing'),
    { key: vs, thumbprint: signing.thumbprint },
    signing,
  )
  const signing2 = await certify(vs2, 'signing', second)
  const tls2 = await certify(vt2, 'tls', second)

  await verifyContinuity(tls, signing.thumbprint, follow, signing)
  await verifyContinuity(tls2, signing.thumbprint, follow, signing)
  await verifyContinuity(tls2, signing2.thumbprint, follow, signing2)
  await verifyContinuity(signing2, signing.thumbprint, follow)
  t.pass('the pair itself and what followed it descend')
  await t.rejects(verifyContinuity(tls, signing2.thumbprint, follow, signing2), { code: 'KEY_NOT_CONTINUED' })

  const enrolment = ask(victimSigningCsr, await csrOf(rs, 'node-signing'), enrolling(rs), null)
  const rogue = await certify(rs, 'signing', enrolment)
  await t.rejects(
    verifyContinuity(rogue, signing.thumbprint, follow, signing),
    { code: 'KEY_NOT_CONTINUED' },
    'an enrolment that carries the CSR of another beside its own',
  )
  const renewal = ask(await csrOf(rt, 'node-tls'), victimSigningCsr, { key: rs, thumbprint: rogue.thumbprint }, rogue)
  const rogueTls = await certify(rt, 'tls', renewal)
  await t.rejects(
    verifyContinuity(rogueTls, signing.thumbprint, follow, signing),
    { code: 'KEY_NOT_CONTINUED' },
    'a renewal that carries the CSR of another beside its own',
  )
})
