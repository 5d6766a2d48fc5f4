import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type ChainRequest, verifyChain } from '#pki/chain.ts'
import { PkiError } from '#pki/error.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { toPem } from '#pki/pem.ts'
import { type ChainPlan, goodChain, later, now, type Random, seededRandom } from './random-chains.ts'
import { extension, signCertificate, signCrl } from './rogue-authority.ts'
import { CERTIFICATE_SPOILINGS, type Spoiling } from './spoilings.ts'
import { LIST_SPOILINGS } from './spoilt-lists.ts'

const SPOILINGS = [...CERTIFICATE_SPOILINGS, ...LIST_SPOILINGS]

const rogueRoot = SPOILINGS.find(({ name }) => name === 'rogue root of the same name') as Spoiling

interface Built {
  readonly anchor: Buffer
  readonly intermediates: readonly Buffer[]
  readonly leaf: Buffer
  readonly crls: readonly Buffer[]
}

function build(plan: ChainPlan): Built {
  const path = plan.certificates.map(signCertificate)
  const leaf = path.at(-1) as Buffer
  const intermediates = [...path.slice(1, -1), ...(plan.repeat ? [leaf] : []), ...plan.extra.map(signCertificate)]
  return {
    anchor: plan.anchor === undefined ? (path[0] as Buffer) : signCertificate(plan.anchor),
    intermediates,
    leaf,
    crls: plan.crls.map(signCrl),
  }
}

/** What we say: `ok`, or code and rule. */
function ours(plan: ChainPlan, built: Built, more: Partial<ChainRequest> = {}): string {
  try {
    const external = plan.external
    verifyChain({
      leaf: parseCertificate(built.leaf),
      intermediates: built.intermediates.map(parseCertificate),
      anchors: [{ certificate: parseCertificate(built.anchor), external }],
      purpose: plan.purpose,
      now,
      crls: built.crls.map(parseCrl),
      ...more,
    })
    return 'ok'
  } catch (error) {
    if (error instanceof PkiError) return `${error.code} ${error.rule}`
    throw error
  }
}

const folder = mkdtempSync(join(tmpdir(), 'hanghui-chain-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const OPENSSL_PURPOSE: Partial<Record<ChainPlan['purpose'], string>> = {
  'tls-client': 'sslclient',
  'tls-server': 'sslserver',
  operator: 'sslclient',
  crl: 'crlsign',
}

/** What openssl says: `ok` or its error text. */
function theirs(plan: ChainPlan, built: Built): string {
  const file = (name: string) => join(folder, name)
  const pem = (label: Parameters<typeof toPem>[0], list: readonly Buffer[]) =>
    list.map((der) => toPem(label, der)).join('')
  writeFileSync(file('anchor.pem'), pem('CERTIFICATE', [built.anchor]))
  writeFileSync(file('others.pem'), pem('CERTIFICATE', built.intermediates))
  writeFileSync(file('leaf.pem'), pem('CERTIFICATE', [built.leaf]))
  writeFileSync(file('lists.pem'), pem('X509 CRL', built.crls))
  const run = spawnSync(
    'openssl',
    [
      'verify',
      '-x509_strict',
      '-crl_check_all',
      ...['-attime', String(now.getTime() / 1000)],
      ...['-purpose', OPENSSL_PURPOSE[plan.purpose] ?? 'any'],
      ...['-CAfile', file('anchor.pem')],
      ...(built.intermediates.length > 0 ? ['-untrusted', file('others.pem')] : []),
      ...(built.crls.length > 0 ? ['-CRLfile', file('lists.pem')] : []),
      file('leaf.pem'),
    ],
    { encoding: 'utf8' },
  )
  return run.status === 0 ? 'ok' : `refused: ${run.stdout}${run.stderr}`
}

/** For the purpose `crl` openssl also wants the list of the last authority itself. */
function withOwnList(plan: ChainPlan, random: Random): ChainPlan {
  const last = plan.certificates.at(-1)
  const pattern = plan.crls[0]
  if (plan.purpose !== 'crl' || last === undefined || pattern === undefined) return plan
  const extensions = [extension.authorityKey(last.key), extension.crlNumber(random.below(1000))]
  return {
    ...plan,
    crls: [...plan.crls, { ...pattern, issuer: last.subject, signer: last.key, revoked: [], extensions }],
  }
}

t.test('each way to spoil a chain is refused by its own code and rule', async (t) => {
  const random = seededRandom(4)
  for (const { name, code, rule, fits, spoil } of SPOILINGS) {
    for (let round = 0; round < 3; round++) {
      let plan = goodChain(random)
      while (fits !== undefined && !fits(plan)) plan = goodChain(random)
      spoil(plan, random)
      t.equal(ours(plan, build(plan)), `${code} ${rule}`, `${name} (${plan.purpose})`)
    }
  }
})

t.test(
  '500 random chains, good ones and such with one or two things wrong: what we accept, openssl accepts',
  async (t) => {
    const random = seededRandom(5280)
    const counts = { good: 0, accepted: 0, refusedByBoth: 0, refusedByUsOnly: 0 }
    const shapes = new Set<string>()
    for (let round = 0; round < 500; round++) {
      const plan = goodChain(random)
      const isGood = random.chance(0.5)
      for (let wrong = isGood ? 0 : 1 + random.below(2); wrong > 0; wrong--) {
        const { fits, spoil } = random.pick(SPOILINGS)
        if (fits === undefined || fits(plan)) spoil(plan, random)
      }
      const complete = withOwnList(plan, random)
      const built = build(complete)
      const we = ours(complete, built)
      const they = theirs(complete, built)
      const about = `round ${round}, ${plan.purpose}`
      if (isGood) {
        counts.good++
        shapes.add(`${plan.purpose} ${plan.external} ${plan.certificates.length}`)
        if (we !== 'ok') t.equal(we, 'ok', `a good chain is accepted: ${about}`)
      }
      if (we === 'ok') {
        counts.accepted++
        if (they !== 'ok') t.equal(they, 'ok', `accepted by us, so by openssl: ${about}`)
      } else if (they === 'ok') counts.refusedByUsOnly++
      else counts.refusedByBoth++
    }
    t.comment(JSON.stringify(counts))
    t.ok(counts.good >= 200 && counts.accepted >= counts.good, `${counts.accepted} accepted by both`)
    t.ok(counts.refusedByBoth >= 100, `${counts.refusedByBoth} refused by both`)
    t.ok(shapes.size >= 20, `good chains of ${shapes.size} shapes`)
  },
)

t.test('a document signed in a certificate’s life counts after it', async (t) => {
  const random = seededRandom(7)
  let plan = goodChain(random)
  while (plan.purpose !== 'member-signing') plan = goodChain(random)
  const built = build(plan)
  const year = later(365)
  const crls = 'status-list'
  t.equal(ours(plan, built, { now: year, crls }), 'CERTIFICATE_EXPIRED expired')
  t.equal(ours(plan, built, { now: year, signedAt: later(5), crls }), 'ok')
  t.equal(ours(plan, built, { now: year, signedAt: later(21), crls }), 'CERTIFICATE_EXPIRED expired')
  t.equal(ours(plan, built, { now: later(1), signedAt: later(2), crls }), 'CERTIFICATE_NOT_YET_VALID not-yet-valid')
  t.equal(ours(plan, built, { now, signedAt: new Date('no date'), crls }), 'CERTIFICATE_NOT_YET_VALID not-yet-valid')
  t.equal(ours(plan, built, { now: new Date('no date'), crls }), 'CERTIFICATE_NOT_YET_VALID not-yet-valid')
})

t.test('a revocation undoes what was signed after it, and for a compromised key everything', async (t) => {
  const random = seededRandom(8)
  let plan = goodChain(random)
  while (plan.purpose !== 'member-signing') plan = goodChain(random)
  const serial = plan.certificates.at(-1)?.serial
  const crl = plan.crls.at(-1)
  if (serial === undefined || crl === undefined) throw new Error('no leaf')
  crl.revoked.push({ serial, date: later(-2), extensions: [extension.reason(4)] })
  const superseded = build(plan)
  t.equal(ours(plan, superseded, { signedAt: later(-3) }), 'ok')
  t.equal(ours(plan, superseded, { signedAt: later(-1) }), 'CERTIFICATE_REVOKED revoked')
  crl.revoked = [{ serial, date: later(-2), extensions: [extension.reason(1)] }]
  t.equal(ours(plan, build(plan), { signedAt: later(-3) }), 'CERTIFICATE_REVOKED revoked')
  crl.revoked = [{ serial, date: later(1), extensions: [extension.reason(4)] }]
  t.equal(ours(plan, build(plan)), 'CERTIFICATE_REVOKED revoked', 'a date in the future revokes now')
})

t.test('two authorities of one name: the path that holds is found, whatever the order', async (t) => {
  const random = seededRandom(10)
  for (let round = 0; round < 10; round++) {
    const plan = goodChain(random)
    const built = build(plan)
    const rogue = { ...plan }
    rogueRoot.spoil(rogue, random)
    const [right, wrong] = [built.anchor, build(rogue).anchor].map((der) => ({
      certificate: parseCertificate(der),
      external: plan.external,
    }))
    if (right === undefined || wrong === undefined) throw new Error('no anchors')
    t.equal(ours(plan, built, { anchors: [right, wrong] }), 'ok')
    t.equal(ours(plan, built, { anchors: [wrong, right] }), 'ok')
    t.equal(ours(plan, built, { anchors: [wrong] }), 'CERTIFICATE_UNTRUSTED key-identifier')
    t.equal(ours(plan, built, { anchors: [] }), 'CERTIFICATE_UNTRUSTED no-anchor')
  }
})

t.test('an end entity that somebody listed as an anchor vouches for nobody, not even for itself', async (t) => {
  const random = seededRandom(9)
  for (let round = 0; round < 20; round++) {
    const plan = goodChain(random)
    if (plan.purpose === 'crl') continue
    const built = build(plan)
    t.equal(
      ours(plan, { ...built, anchor: built.leaf }, { crls: 'status-list' }),
      'CERTIFICATE_PROFILE basic-constraints',
    )
  }
})
