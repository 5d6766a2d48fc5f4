import t from 'tap'
import { issueSigningCertificate } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { createClock } from '#schemas/clock.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { makeProof } from '#schemas/proof.ts'
import { createTrust } from '#schemas/trust.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { verdictOn } from './made-proof.ts'
import { makeRootKeys, type RootKeys, rootPayload, signerOf, signRootAs } from './made-roots.ts'

const START = Date.UTC(2026, 5, 1) / 1000
const HOUR = 3_600
const DAY = 24 * HOUR
const MALLORY = '51100000PDY0000283'
const date = (seconds: number) => new Date(seconds * 1000)

/** Root 1, and root 2 of another root key with new online keys. */
async function makeLine() {
  const first = await makeRootKeys(date(START))
  const second = await makeRootKeys(date(START + 10 * DAY))
  const { directory, grant } = first.online
  const one = signRootAs(rootPayload(first, undefined, [directory, grant], START), signerOf(first))
  const payload = rootPayload(second, one, [second.online.directory, second.online.grant], START + 10 * DAY)
  const two = signRootAs(payload, signerOf(second), signerOf(first))
  return { first, second, one, two, payload }
}

/** A directory in which Mallory is a member with a certificate of that issuing CA, and a manifest that she signed. */
async function forge(root: { text: string; ca: RootKeys['ca'] }, hub: Signer, iat: number) {
  const { id, net, payload } = parseDocument('root', root.text)
  const keys = generateKeyPair()
  const made = await issueSigningCertificate({
    issuer: root.ca.issuer,
    publicKey: spkiOf(keys.publicKey),
    member: MALLORY,
    name: '假冒单位',
    now: date(iat),
  })
  const entry = {
    use: 'signing',
    thumbprint: made.thumbprint,
    certificate: toBase64url(made.der),
    request: sha256('request'),
    status: 7,
  }
  const member = { id: MALLORY, name: '假冒单位', class: 'association', standing: 'good', admission: sha256('a') }
  const part = Buffer.from(
    JSON.stringify({ members: [{ ...member, endpoint: null, sponsors: [], certificates: [entry] }] }),
  )
  const url = 'https://127.0.0.1:1'
  const directory = signDocument(
    'directory',
    {
      net,
      version: iat,
      iat,
      exp: iat + LIMITS.directoryExpirySeconds,
      root: { version: payload.version, hash: id },
      phase: 'construction',
      policy: { limits: {}, networks: [], loopback: true },
      hub: { name: '中心', member: url, enrolment: url, public: url },
      parts: [sha256(part)],
    },
    hub,
  )
  const file = { path: 'a.csv', mediaType: 'text/csv', bytes: 1, sha256: sha256('x') }
  const chunks = { parameters: 'gear-64k', count: 1, list: { bytes: 36, sha256: sha256('list') } }
  const manifest = signDocument(
    'manifest',
    {
      net,
      iat: iat + 60,
      dataset: `${MALLORY}/a`,
      version: 1,
      salt: newJti(),
      previous: null,
      schema: null,
      files: [{ ...file, chunks }],
    },
    { key: keys.privateKey, thumbprint: made.thumbprint },
  )
  const prove = (roots: readonly string[]) =>
    makeProof({ kind: 'manifest', document: manifest }, [], {
      roots,
      directoryAt: () => ({ directory, parts: [part] }),
    })
  return { directory, parts: new Map([[sha256(part), part]]), prove }
}

t.test('a proof holds under any root of its line', async (t) => {
  const { first, second, one, two } = await makeLine()
  const old = await forge({ text: one, ca: first.ca }, signerOf(first.online.directory), START + DAY)
  const now = await forge({ text: two, ca: second.ca }, signerOf(second.online.directory), START + 11 * DAY)
  for (const { prove } of [old, now])
    for (const { certificate } of [first, second])
      t.equal((await verdictOn(t, prove([one, two]), certificate.thumbprint)).ok, true)
  t.same((await verdictOn(t, old.prove([one]), second.certificate.thumbprint)).failed, [['root', 'ROOT_MISMATCH']])
})

t.test('attack: an online key that a newer root dropped makes up a member', async (t) => {
  const { first, one, two } = await makeLine()
  const net = first.certificate.thumbprint
  const stolen = signerOf(first.online.directory)
  const forged = await forge({ text: one, ca: first.ca }, stolen, START + 14 * DAY)
  t.same((await verdictOn(t, forged.prove([one, two]), net)).failed, [['directory', 'SIGNER_UNKNOWN']])

  const clock = createClock(
    () => (START + 14 * DAY) * 1000,
    0,
    () => {},
  )
  const trust = createTrust(verifyRootLine([one], net), clock)
  trust.acceptRoot(two)
  t.throws(() => trust.acceptDirectory(forged.directory, forged.parts), { code: 'SIGNER_UNKNOWN' })
  t.throws(() => trust.acceptRoot(one), { code: 'ROOT_ROLLBACK' }, 'nor is the root that named it taken again')
})

t.test('attack: whoever has an old root key, or online keys, writes the next root', async (t) => {
  const { first, second, one, two, payload } = await makeLine()
  const [pinnedOld, pinnedNew] = [first.certificate.thumbprint, second.certificate.thumbprint]
  const mallory = await makeRootKeys(date(START + 12 * DAY))
  const hers = (before: string, more: object = {}) => ({
    ...rootPayload(mallory, before, [mallory.online.directory, mallory.online.grant], START + 12 * DAY),
    ...more,
  })
  const next = hers(two)
  const own = signerOf(mallory)
  for (const [name, text, code] of [
    ['of her own key alone', signRootAs(next, own), 'SIGNATURES_INCOMPLETE'],
    ['vouched for by the key before the last', signRootAs(next, own, signerOf(first)), 'ROOT_INVALID'],
    [
      'vouched for by the key before the last under the name of the last',
      signRootAs(next, own, { ...signerOf(first), thumbprint: pinnedNew }),
      'SIGNATURE_INVALID',
    ],
    ['vouched for by the directory key', signRootAs(next, own, signerOf(second.online.directory)), 'ROOT_INVALID'],
    [
      'with the issuing CA as its root',
      signRootAs(
        { ...next, certificate: toBase64url(second.ca.certificate.der) },
        signerOf({ certificate: second.ca.certificate, key: second.ca.key }),
        signerOf(second),
      ),
      'ROOT_INVALID',
    ],
    [
      "with the certificate of the real one and another's signature",
      signRootAs({ ...payload, version: 3, previous: next.previous }, { ...own, thumbprint: pinnedNew }),
      'SIGNATURE_INVALID',
    ],
    ['two numbers on', signRootAs({ ...next, version: 4 }, own, signerOf(second)), 'ROOT_ROLLBACK'],
    [
      'on top of a root that is not there',
      signRootAs({ ...next, previous: sha256('no root') }, own, signerOf(second)),
      'ROOT_INVALID',
    ],
    [
      'of another network',
      signRootAs({ ...next, net: mallory.certificate.thumbprint }, own, signerOf(second)),
      'NETWORK_MISMATCH',
    ],
  ] as const)
    t.throws(() => verifyRootLine([one, two, text], pinnedOld), { code }, name)

  const fork = signRootAs(hers(one), own, signerOf(first))
  const forged = await forge({ text: fork, ca: mallory.ca }, signerOf(mallory.online.directory), START + 12 * DAY)
  t.same(
    (await verdictOn(t, forged.prove([one, fork]), pinnedNew)).failed,
    [['root', 'ROOT_MISMATCH']],
    'a second root 2 by the retired key is not in the line of whoever pinned the new one',
  )
  t.same(
    (await verdictOn(t, forged.prove([one, two]), pinnedNew)).failed,
    [['directory', 'SIGNER_UNKNOWN']],
    'nor do its keys count in the real one',
  )
  const named = await forge({ text: fork, ca: second.ca }, signerOf(second.online.directory), START + 12 * DAY)
  t.same(
    (await verdictOn(t, named.prove([one, two]), pinnedNew)).failed,
    [['directory', 'PROOF_INVALID']],
    'a directory belongs to the root whose hash it names, not to the other of that number',
  )
  const stranger = signRootAs(
    rootPayload(mallory, undefined, [mallory.online.directory, mallory.online.grant], START),
    own,
  )
  t.throws(() => verifyRootLine([stranger, two], pinnedNew), { code: 'NETWORK_MISMATCH' })
  t.throws(() => verifyRootLine([two], pinnedNew), { code: 'ROOT_INVALID' }, 'a line starts at its beginning')
})
