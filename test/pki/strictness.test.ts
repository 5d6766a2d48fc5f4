import { rootCertificates } from 'node:tls'
import t from 'tap'
import { verifyChain } from '#pki/chain.ts'
import { readDer } from '#pki/der.ts'
import {
  readBoolean,
  readIntegerBytes,
  readNamedBits,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from '#pki/der-values.ts'
import { PKI_CODES, PKI_RULES, PkiError } from '#pki/error.ts'
import { parseCertificate, parseCertificatesPem } from '#pki/parse-certificate.ts'
import { parseCrl } from '#pki/parse-crl.ts'
import { parsePem, toPem } from '#pki/pem.ts'
import { goodChain, now, type Random, seededRandom } from './random-chains.ts'
import { signCertificate, signCrl } from './rogue-authority.ts'

/** One or two changes: a bit, a byte, a cut, a doubled or a removed stretch. */
function mutate(bytes: Buffer, random: Random): Buffer {
  let changed = Buffer.from(bytes)
  for (let count = 1 + random.below(2); count > 0 && changed.length > 0; count--) {
    const at = random.below(changed.length)
    const stretch = changed.subarray(at, at + 1 + random.below(20))
    const kind = random.below(12)
    if (kind === 0) changed = Buffer.from(changed.subarray(0, at))
    else if (kind === 1) changed = Buffer.concat([changed.subarray(0, at), stretch, changed.subarray(at)])
    else if (kind === 2) changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + stretch.length)])
    else if (kind === 3) changed[at] = random.below(256)
    else changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
  }
  return changed
}

t.test('6,000 mutated certificates: none throws anything but PkiError, none is accepted', async (t) => {
  const random = seededRandom(1)
  const codes = new Map<string, number>()
  let parsed = 0
  for (let round = 0; round < 6000; round++) {
    if (round % 60 === 0) t.context.plan = goodChain(random)
    const plan: ReturnType<typeof goodChain> = t.context.plan
    if (round % 60 === 0) t.context.path = plan.certificates.map(signCertificate)
    const path: Buffer[] = t.context.path
    const original = path.at(-1) as Buffer
    const bytes = mutate(original, random)
    if (bytes.equals(original)) continue
    try {
      const leaf = parseCertificate(bytes)
      parsed++
      const anchors = [{ certificate: parseCertificate(path[0] as Buffer), external: plan.external }]
      const intermediates = path.slice(1, -1).map(parseCertificate)
      verifyChain({ leaf, intermediates, anchors, purpose: plan.purpose, now, crls: 'status-list' })
      t.fail(`round ${round} accepted`)
    } catch (error) {
      if (!(error instanceof PkiError)) throw error
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1)
      if (!(PKI_CODES.includes(error.code) && PKI_RULES.includes(error.rule))) t.fail(error.message)
    }
  }
  t.comment(JSON.stringify(Object.fromEntries(codes)))
  t.ok(parsed > 1000, `${parsed} got past the parser`)
})

t.test('3,000 mutated lists: none throws anything but PkiError, none counts', async (t) => {
  const random = seededRandom(2)
  let parsed = 0
  for (let round = 0; round < 3000; round++) {
    if (round % 60 === 0) {
      let plan = goodChain(random)
      while (plan.certificates.length !== 2) plan = goodChain(random)
      t.context = { plan, path: plan.certificates.map(signCertificate), list: signCrl(plan.crls[0] as never) }
    }
    const { plan, path, list } = t.context
    const bytes = mutate(list, random)
    if (bytes.equals(list)) continue
    try {
      const crls = [parseCrl(bytes)]
      parsed++
      const [certificate, leaf] = path.map(parseCertificate)
      const anchors = [{ certificate, external: plan.external }]
      verifyChain({ leaf, intermediates: [], anchors, purpose: plan.purpose, now, crls })
      t.fail(`round ${round} accepted`)
    } catch (error) {
      if (!(error instanceof PkiError)) throw error
    }
  }
  t.ok(parsed > 500, `${parsed} got past the parser`)
})

t.test('strict, yet able to read what real authorities write: the roots of the runtime', async (t) => {
  const read = rootCertificates.filter((pem) => {
    try {
      return parseCertificatesPem(pem).length === 1
    } catch (error) {
      if (!(error instanceof PkiError)) throw error
      return false
    }
  })
  t.ok(rootCertificates.length > 50)
  t.ok(read.length > rootCertificates.length * 0.85, `${read.length} of ${rootCertificates.length}`)
})

t.test('encodings that lenient readers take', async (t) => {
  const refused: readonly [string, string, (bytes: Uint8Array) => unknown][] = [
    ['nothing', '', readDer],
    ['indefinite length', '30800000', readDer],
    ['length not in the fewest octets', '308101 00'.replace(' ', ''), readDer],
    ['length with a leading zero', `30820080${'00'.repeat(128)}`, readDer],
    ['length past the end', '3003020100'.slice(0, 8), readDer],
    ['length of five octets', '30850000000000', readDer],
    ['trailing bytes', '050000', readDer],
    ['long tag', '1f8101 00'.replace(' ', ''), readDer],
    ['too deep', `${'3080'.repeat(0)}${nested(40)}`, readDer],
    ['TRUE as 01', '010101', (bytes) => readBoolean(readDer(bytes))],
    ['integer with a leading zero', '02020001', (bytes) => readIntegerBytes(readDer(bytes))],
    ['integer with a leading ff', '0202ff80', (bytes) => readIntegerBytes(readDer(bytes))],
    ['empty integer', '0200', (bytes) => readIntegerBytes(readDer(bytes))],
    ['negative number', '0201ff', (bytes) => readSmallInteger(readDer(bytes))],
    ['oid arc with a leading 80', '060380 0101'.replace(' ', ''), (bytes) => readOid(readDer(bytes))],
    ['oid cut off', '06022a81', (bytes) => readOid(readDer(bytes))],
    ['empty oid', '0600', (bytes) => readOid(readDer(bytes))],
    ['named bits with trailing zeros', '03020500', (bytes) => readNamedBits(readDer(bytes))],
    ['named bits with set unused bits', '030205a1', (bytes) => readNamedBits(readDer(bytes))],
    ['bad UTF-8', '0c02c328', (bytes) => readText(readDer(bytes))],
    ['control character', '0c03610061', (bytes) => readText(readDer(bytes))],
    ['PrintableString with an at sign', '130140', (bytes) => readText(readDer(bytes))],
    ['TeletexString', '140161', (bytes) => readText(readDer(bytes))],
    ['UTCTime without seconds', time(0x17, '2611240800Z'), (bytes) => readTime(readDer(bytes))],
    ['UTCTime with an offset', time(0x17, '261124080000+0800'), (bytes) => readTime(readDer(bytes))],
    ['UTCTime of 14 digits', time(0x17, '50261124080000Z'), (bytes) => readTime(readDer(bytes))],
    ['30 February', time(0x17, '260230000000Z'), (bytes) => readTime(readDer(bytes))],
    ['GeneralizedTime before 2050', time(0x18, '20261124080000Z'), (bytes) => readTime(readDer(bytes))],
    ['GeneralizedTime with fractions', time(0x18, '20510101000000.5Z'), (bytes) => readTime(readDer(bytes))],
  ]
  for (const [name, hex, read] of refused) t.throws(() => read(Buffer.from(hex, 'hex')), { name: 'DerError' }, name)
})

t.test('encodings that are right', async (t) => {
  const bytes = (hex: string) => readDer(Buffer.from(hex, 'hex'))
  t.equal(readBoolean(bytes('0101ff')), true)
  t.equal(readSmallInteger(bytes('02020080')), 128)
  t.equal(readOid(bytes('06092a864886f70d01010b')), '1.2.840.113549.1.1.11')
  t.equal(readOid(bytes('06038837 03'.replace(' ', ''))), '2.999.3')
  t.same(readNamedBits(bytes('030205a0')), [0, 2])
  t.equal(readText(bytes('0c06e8a18ce6b187')), '行汇')
  t.equal(readTime(bytes(time(0x17, '491231235959Z'))).toISOString(), '2049-12-31T23:59:59.000Z')
  t.equal(readTime(bytes(time(0x17, '500101000000Z'))).toISOString(), '1950-01-01T00:00:00.000Z')
  t.equal(readTime(bytes(time(0x18, '20500101000000Z'))).toISOString(), '2050-01-01T00:00:00.000Z')
})

t.test('PEM', async (t) => {
  const der = Buffer.from(Array.from({ length: 100 }, (_, index) => index))
  const pem = toPem('CERTIFICATE', der)
  t.same(parsePem('CERTIFICATE', pem + pem), [der, der])
  t.throws(() => parsePem('X509 CRL', pem), { code: 'CERTIFICATE_INVALID', rule: 'pem' })
  t.throws(() => parsePem('CERTIFICATE', pem.replace('AAEC', 'AAE=')), { code: 'CERTIFICATE_INVALID', rule: 'pem' })
})

function time(tag: number, text: string): string {
  return Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)]).toString('hex')
}

function nested(depth: number): string {
  let value = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) value = Buffer.concat([Buffer.from([0x30, value.length]), value])
  return value.toString('hex')
}
