import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  type Issuer,
  issueHubTlsCertificate,
  issueIssuingCa,
  issueOnlineCertificate,
  issueOperatorCertificate,
  issueRoot,
  issueSigningCertificate,
  issueStaffCertificate,
  issueTlsCertificate,
} from '#pki/certificates.ts'
import { type Purpose, verifyChain } from '#pki/chain.ts'
import { PkiError } from '#pki/error.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import {
  ensurePassphraseFile,
  generateKeyPair,
  type KeyPair,
  newPassphrase,
  readPassphraseFile,
  readPrivateKey,
  spkiOf,
  writePrivateKey,
} from '#pki/keys.ts'
import { formatName, hostKind, memberOfCertificate } from '#pki/names.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { parseCertificatesPem } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { toPem } from '#pki/pem.ts'
import { exportPkcs12 } from '#pki/pkcs12.ts'
import { makeCsr, verifyCsr } from '#pki/requests.ts'
import { hexOfX5t, thumbprint, x5t, x5tOfHex } from '#pki/thumbprint.ts'
import { isUscc, orgCodeCheckDigit, parseUscc, usccCheckDigit } from '#pki/uscc.ts'

const now = new Date('2026-11-24T08:00:00Z')
const day = 86_400_000
const later = (days: number) => new Date(now.getTime() + days * day)
const MEMBER = '51100000PDY00001X3'
const folder = mkdtempSync(join(tmpdir(), 'hanghui-pki-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** `ok` or code and rule of what `act` refuses. */
async function said(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'ok'
  } catch (error) {
    if (error instanceof PkiError) return `${error.code} ${error.rule}`
    throw error
  }
}

async function authority(): Promise<{ root: Certificate; rootKeys: KeyPair; issuer: Issuer }> {
  const rootKeys = generateKeyPair()
  const keys = generateKeyPair()
  const root = await issueRoot({ name: '行汇演示网络', keys: rootKeys, now })
  const above = { certificate: root, privateKey: rootKeys.privateKey }
  const certificate = await issueIssuingCa({
    name: '行汇演示网络',
    issuer: above,
    publicKey: spkiOf(keys.publicKey),
    now,
  })
  return { root, rootKeys, issuer: { certificate, privateKey: keys.privateKey } }
}
const { root, rootKeys, issuer } = await authority()
const keys = generateKeyPair()
const publicKey = spkiOf(keys.publicKey)
const member = { issuer, publicKey, now, member: MEMBER, name: '演示协会' }
const hub = { issuer, publicKey, now, name: '行汇演示网络' }

t.test('codes: both check characters', async (t) => {
  for (const good of [MEMBER, '51100000PDY0000283', '51100000PDY000036X', '11100000PDY0090060', '11100000PDY009014T'])
    t.ok(isUscc(good), good)
  for (const real of ['51100000500009247D', '51100000500002862F', '51100000500019541K', '51100000500012681T'])
    t.ok(isUscc(real), real)
  t.equal(usccCheckDigit('91350100M000100Y4'), '3', 'the example of the standard')
  t.equal(orgCodeCheckDigit('PDY00001'), 'X')
  const bad = [
    '51100000500000024G',
    '91350100M000100Y4Z',
    '51100000pdy00001x3',
    '51100000PDY00001X',
    '',
    ` ${MEMBER}`,
    '5110000OPDY00001X3',
  ]
  for (const code of bad) t.notOk(isUscc(code), code)
  t.equal(parseUscc(' 51100000-pdy00001-x3 '), MEMBER, 'what a person typed')
  t.equal(await said(() => parseUscc('51100000500000024G')), 'NAME_INVALID uscc')
})

t.test('codes: no single wrong character passes', async (t) => {
  const property = fc.property(
    fc.integer({ min: 0, max: 17 }),
    fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY'),
    (at, by) => {
      const changed = MEMBER.slice(0, at) + by + MEMBER.slice(at + 1)
      return isUscc(changed) === (changed === MEMBER)
    },
  )
  fc.assert(property, { numRuns: 600, seed: 1 })
  t.pass('600 changes')
})

t.test('key files', async (t) => {
  const path = join(folder, 'key.pem')
  const passphrase = newPassphrase()
  t.equal(passphrase.length, 43, '256 bits')
  writePrivateKey(path, keys.privateKey, passphrase)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.match(readFileSync(path, 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
  t.ok(readPrivateKey(path, passphrase).equals(keys.privateKey))
  t.equal(await said(() => readPrivateKey(path, newPassphrase())), 'KEY_UNREADABLE passphrase')
  t.equal(await said(() => readPrivateKey(path, '')), 'KEY_UNREADABLE passphrase')
  t.equal(await said(() => writePrivateKey(path, keys.privateKey, 'short')), 'KEY_UNREADABLE passphrase')
  t.equal(await said(() => readPrivateKey(join(folder, 'none.pem'), passphrase)), 'KEY_UNREADABLE file')
  t.equal(await said(() => readPrivateKey(folder, passphrase)), 'KEY_UNREADABLE file')
  for (const mode of [0o644, 0o640, 0o604, 0o610, 0o601]) {
    chmodSync(path, mode)
    t.equal(await said(() => readPrivateKey(path, passphrase)), 'KEY_PERMISSIONS mode', mode.toString(8))
  }
  chmodSync(path, 0o400)
  t.ok(readPrivateKey(path, passphrase).equals(keys.privateKey), 'read-only is fine')
  writePrivateKey(path, generateKeyPair().privateKey, passphrase)
  t.notOk(readPrivateKey(path, passphrase).equals(keys.privateKey), 'replaced')
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
    'no remains',
  )
})

t.test('a key that lies unencrypted, or is not P-256, is refused', async (t) => {
  const path = join(folder, 'other.pem')
  writeFileSync(path, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  t.equal(await said(() => readPrivateKey(path, newPassphrase())), 'KEY_UNREADABLE file')
  const encrypted = execFileSync('sh', [
    '-c',
    'openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -v2 aes256 -passout pass:0123456789abcdef',
  ])
  writeFileSync(path, encrypted)
  t.equal(await said(() => readPrivateKey(path, '0123456789abcdef')), 'KEY_UNREADABLE key-type')
})

t.test('passphrase files are made once, and kept to their owner', async (t) => {
  const path = join(folder, 'passphrase')
  t.equal(await said(() => readPassphraseFile(path)), 'KEY_UNREADABLE file', 'reading never makes one')
  const passphrase = ensurePassphraseFile(path)
  t.equal(ensurePassphraseFile(path), passphrase)
  t.equal(readPassphraseFile(path), passphrase)
  t.equal(statSync(path).mode & 0o777, 0o600)
  chmodSync(path, 0o644)
  t.equal(await said(() => readPassphraseFile(path)), 'KEY_PERMISSIONS mode')
  writeFileSync(path, 'short\n')
  chmodSync(path, 0o600)
  t.equal(await said(() => readPassphraseFile(path)), 'KEY_UNREADABLE passphrase')
})

t.test(
  'a file of somebody else is refused',
  { skip: process.geteuid?.() !== 0 && 'only root can give files away' },
  async (t) => {
    const path = join(folder, 'foreign')
    writeFileSync(path, newPassphrase(), { mode: 0o600 })
    execFileSync('chown', ['65534', path])
    t.equal(await said(() => readPassphraseFile(path)), 'KEY_PERMISSIONS owner')
  },
)

t.test('requests prove possession of a P-256 key', async (t) => {
  const subject = { commonName: '演示协会', organization: '演示协会', role: 'node-tls', member: MEMBER } as const
  const csr = await makeCsr(keys, subject)
  const verified = verifyCsr(csr)
  t.ok(verified.publicKey.equals(publicKey))
  t.equal(memberOfCertificate(verified), MEMBER)
  const file = join(folder, 'request.pem')
  writeFileSync(file, toPem('CERTIFICATE REQUEST', csr))
  t.match(
    spawnSync('openssl', ['req', '-in', file, '-noout', '-verify'], { encoding: 'utf8' }).stderr,
    /verify OK|Certificate request self-signature verify OK/,
  )
  for (let at = 0; at < csr.length; at++) {
    const changed = Buffer.from(csr)
    changed[at] = (changed[at] ?? 0) ^ 0x01
    const answer = await said(() => verifyCsr(changed))
    if (!answer.startsWith('CSR_INVALID')) t.match(answer, /^CSR_INVALID/, `byte ${at}`)
  }
  t.equal(await said(() => verifyCsr(Buffer.alloc(9000))), 'CSR_INVALID size')
  t.equal(await said(() => verifyCsr(Buffer.alloc(0))), 'CSR_INVALID der')
  const openssl = (curve: string, digest: string) =>
    execFileSync('sh', [
      '-c',
      `openssl ecparam -name ${curve} -genkey -noout -out ${folder}/k.pem && openssl req -new -key ${folder}/k.pem -subj /CN=x -${digest} -outform DER`,
    ])
  t.equal(await said(() => verifyCsr(openssl('secp384r1', 'sha256'))), 'CSR_INVALID weak-key')
  t.equal(await said(() => verifyCsr(openssl('prime256v1', 'sha1'))), 'CSR_INVALID weak-signature')
  t.equal(await said(() => verifyCsr(openssl('prime256v1', 'sha256'))), 'ok', 'requests of other tools')
})

t.test('every kind of certificate serves its own purpose and no other', async (t) => {
  const node = generateKeyPair()
  const own = await issueRoot({ name: '演示协会', keys: node, now, member: MEMBER })
  const staffIssuer = { certificate: own, privateKey: node.privateKey }
  const hosts = ['127.0.0.1', '::1', 'node.example']
  const kinds: readonly [Certificate, readonly Purpose[]][] = [
    [await issueTlsCertificate({ ...member, hosts }), ['tls-client', 'tls-server']],
    [await issueTlsCertificate({ ...member, hosts: [] }), ['tls-client', 'tls-server']],
    [await issueSigningCertificate(member), ['member-signing']],
    [await issueHubTlsCertificate({ ...hub, hosts }), ['tls-server']],
    [await issueOnlineCertificate({ ...hub, purpose: 'directory' }), ['hub-document']],
    [await issueOnlineCertificate({ ...hub, purpose: 'grant' }), ['hub-document']],
    [await issueOnlineCertificate({ ...hub, purpose: 'log' }), ['hub-document']],
    [await issueOperatorCertificate({ ...hub, operator: '王审批' }), ['operator']],
    [await issueStaffCertificate({ ...member, issuer: staffIssuer, person: '李四' }), ['staff']],
    [issuer.certificate, ['crl']],
    [root, ['crl']],
  ]
  const anchors = [root, own].map((certificate) => ({ certificate, external: false }))
  const all: readonly Purpose[] = [
    'tls-client',
    'tls-server',
    'member-signing',
    'hub-document',
    'operator',
    'staff',
    'crl',
  ]
  for (const [leaf, serves] of kinds) {
    const intermediates = leaf === issuer.certificate ? [] : [issuer.certificate]
    const good = []
    for (const purpose of all)
      if ((await said(() => verifyChain({ leaf, intermediates, anchors, purpose, now, crls: 'status-list' }))) === 'ok')
        good.push(purpose)
    t.same(good, serves, formatName(leaf.subject))
  }
})

t.test('what a certificate says, and how long', async (t) => {
  const tls = await issueTlsCertificate({
    ...member,
    hosts: ['127.0.0.1', 'node.example'],
    crlUrl: 'http://hub.example/crl',
  })
  t.equal(memberOfCertificate(tls), MEMBER)
  t.equal(formatName(tls.subject), `C=CN, O=演示协会, organizationIdentifier=NTRCN-${MEMBER}, OU=node-tls, CN=演示协会`)
  t.same(tls.extensions.subjectAltNames, { dns: ['node.example'], ip: ['127.0.0.1'], uri: [] })
  t.same(tls.extensions.crlDistributionPoints, ['http://hub.example/crl'])
  t.equal(tls.notAfter.getTime() - now.getTime(), 30 * day)
  t.ok(
    tls.serial.length === 32 && tls.serial !== (await issueTlsCertificate({ ...member, hosts: [] })).serial,
    '128 bits, another each time',
  )
  t.equal(root.notAfter.getTime() - now.getTime(), 20 * 365 * day)
  t.ok(tls.notBefore >= issuer.certificate.notBefore)
  const seconds = await issueTlsCertificate({ ...member, hosts: [], now: later(1), days: 1 / 86_400 })
  t.equal(seconds.notAfter.getTime() - later(1).getTime(), 1000)
  t.equal(later(1).getTime() - seconds.notBefore.getTime(), 300_000, 'back-dated')
  const last = await issueTlsCertificate({ ...member, hosts: [], now: later(5 * 365 - 10) })
  t.same(last.notAfter, issuer.certificate.notAfter, 'none outlives its issuer')
})

t.test('what is never issued', async (t) => {
  const tls = (more: Partial<Parameters<typeof issueTlsCertificate>[0]>) =>
    said(() => issueTlsCertificate({ ...member, hosts: [], ...more }))
  t.equal(await tls({ member: '51100000500000024G' }), 'NAME_INVALID uscc')
  t.equal(await tls({ name: '' }), 'NAME_INVALID name')
  t.equal(await tls({ name: '长'.repeat(65) }), 'NAME_INVALID name')
  t.equal(await tls({ name: 'a\nb' }), 'NAME_INVALID name')
  t.equal(await tls({ hosts: ['*.example'] }), 'NAME_INVALID host')
  t.equal(await tls({ days: 31 }), 'CERTIFICATE_PROFILE lifetime')
  t.equal(await tls({ days: Number.NaN }), 'CERTIFICATE_PROFILE lifetime')
  t.equal(await tls({ now: later(5 * 365 + 1) }), 'CERTIFICATE_EXPIRED expired')
  t.equal(await tls({ now: later(-1) }), 'CERTIFICATE_NOT_YET_VALID not-yet-valid')
  t.equal(
    await tls({ issuer: { certificate: root, privateKey: issuer.privateKey } }),
    'CERTIFICATE_PROFILE key-mismatch',
  )
  const leaf = await issueTlsCertificate({ ...member, hosts: [] })
  t.equal(
    await tls({ issuer: { certificate: leaf, privateKey: keys.privateKey } }),
    'CERTIFICATE_PROFILE basic-constraints',
  )
  t.equal(await tls({ publicKey: Buffer.from('no key') }), 'CERTIFICATE_PROFILE der')
  const offCurve = Buffer.from(publicKey)
  offCurve.fill(1, offCurve.length - 32)
  t.equal(await tls({ publicKey: offCurve }), 'CERTIFICATE_PROFILE weak-key', 'a point off the curve')
  for (const host of ['', 'a..b', '-a', 'a-', 'A.example', '999.1.1.1', 'fe80::1%eth0', 'a b', 'x'.repeat(64)])
    t.equal(await said(() => hostKind(host)), 'NAME_INVALID host', host)
  for (const host of ['localhost', 'node-1.example', '10.0.0.1', '::1'])
    t.equal(await said(() => hostKind(host)), 'ok', host)
})

t.test('thumbprints in their two spellings', async (t) => {
  t.equal(hexOfX5t(x5t(root.der)), thumbprint(root.der))
  t.equal(x5tOfHex(thumbprint(root.der)), x5t(root.der))
  for (const bad of ['', 'abc', `${x5t(root.der)}=`, x5t(root.der).slice(1), `${x5t(root.der)} `])
    t.equal(await said(() => hexOfX5t(bad)), 'CERTIFICATE_INVALID name', bad)
  // 43 characters hold 258 bits: the last two must be zero, or one thumbprint has four spellings.
  const last = x5t(root.der).slice(0, 42)
  const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((end) => last + end)
  const decoded: string[] = []
  for (const spelling of spellings)
    if ((await said(() => hexOfX5t(spelling))) === 'ok') decoded.push(hexOfX5t(spelling))
  t.equal(new Set(decoded).size, decoded.length)
  t.equal(await said(() => x5tOfHex(thumbprint(root.der).toUpperCase())), 'CERTIFICATE_INVALID name')
})

t.test('lists: 20,000 entries, read back whole, and read by openssl', async (t) => {
  const revoked = Array.from({ length: 20_000 }, (_, index) => ({
    serial: (0x40000000 + index).toString(16),
    date: later(-1),
    reason: index % 2 === 0 ? ('superseded' as const) : ('unspecified' as const),
  }))
  const der = await issueCrl({ issuer, revoked, number: 7n, now, nextUpdate: later(1) })
  const crl = parseCrl(der)
  t.equal(crl.revoked.size, 20_000)
  t.equal(crl.number, 7n)
  t.match(crl.revoked.get((0x40000000).toString(16)), { reason: 'superseded', date: later(-1) })
  t.match(crl.revoked.get((0x40000001).toString(16)), { reason: 'unspecified' })
  const file = join(folder, 'list.pem')
  const ca = join(folder, 'ca.pem')
  writeFileSync(file, toPem('X509 CRL', der))
  writeFileSync(ca, toPem('CERTIFICATE', issuer.certificate.der))
  t.match(spawnSync('openssl', ['crl', '-in', file, '-noout', '-CAfile', ca], { encoding: 'utf8' }).stderr, /verify OK/)
  const draft = { issuer, revoked: [], number: 8n, now, nextUpdate: later(1) }
  t.equal(parseCrl(await issueCrl(draft)).revoked.size, 0)
  t.equal(await said(() => issueCrl({ ...draft, nextUpdate: now })), 'CRL_INVALID crl-stale')
  const twice = { serial: '77', date: now, reason: 'unspecified' } as const
  t.equal(await said(() => issueCrl({ ...draft, revoked: [twice, twice] })), 'CRL_INVALID crl-duplicate-entry')
  const other = { certificate: issuer.certificate, privateKey: keys.privateKey }
  t.equal(await said(() => issueCrl({ ...draft, issuer: other })), 'CRL_INVALID key-mismatch')
})

t.test('our own chain and lists satisfy openssl at its strictest', async (t) => {
  const leaf = await issueSigningCertificate(member)
  const list = (of: Issuer) => issueCrl({ issuer: of, revoked: [], number: 1n, now, nextUpdate: later(1) })
  const lists = [await list(issuer), await list({ certificate: root, privateKey: rootKeys.privateKey })]
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const run = spawnSync(
    'openssl',
    [
      ...['verify', '-x509_strict', '-crl_check_all', '-attime', String(now.getTime() / 1000)],
      ...['-CAfile', write('root.pem', toPem('CERTIFICATE', root.der))],
      ...['-untrusted', write('issuing.pem', toPem('CERTIFICATE', issuer.certificate.der))],
      ...['-CRLfile', write('lists.pem', lists.map((der) => toPem('X509 CRL', der)).join(''))],
      write('leaf.pem', toPem('CERTIFICATE', leaf.der)),
    ],
    { encoding: 'utf8' },
  )
  t.equal(run.status, 0, run.stderr)
})

t.test('PKCS#12 for a browser opens in openssl, with the right passphrase only', async (t) => {
  const certificate = await issueOperatorCertificate({ ...hub, operator: '王审批' })
  const passphrase = 'correct horse battery'
  const draft = {
    key: keys.privateKey,
    certificate,
    chain: [issuer.certificate, root],
    passphrase,
    friendlyName: '王审批',
  }
  const file = join(folder, 'operator.p12')
  writeFileSync(file, await exportPkcs12(draft))
  const open = (word: string) =>
    spawnSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${word}`, '-nodes'], { encoding: 'utf8' })
  const { status, stdout } = open(passphrase)
  t.equal(status, 0)
  t.same(
    parseCertificatesPem(stdout).map((each) => each.thumbprint),
    [certificate, issuer.certificate, root].map((each) => each.thumbprint),
  )
  const pem = /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----/.exec(stdout)?.[0] ?? ''
  t.equal(pem.replace(/\s/g, ''), String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })).replace(/\s/g, ''))
  t.not(open('another word').status, 0)
  t.equal(await said(() => exportPkcs12({ ...draft, passphrase: 'short' })), 'KEY_UNREADABLE passphrase')
  t.equal(
    await said(() => exportPkcs12({ ...draft, key: generateKeyPair().privateKey })),
    'KEY_UNREADABLE key-mismatch',
  )
})
