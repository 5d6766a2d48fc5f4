import t from 'tap'
import { sha256 } from '#schemas/hash.ts'
import type { TestMember } from '../kit/authority.ts'
import { altered, HOUR, openPapers, verdictOn } from './made-proof.ts'

const thumbprintOf = ({ pairs }: TestMember, use: 'tls' | 'signing', pair = 0) =>
  (pairs[pair] as TestMember['pairs'][number])[use].certificate.thumbprint

t.test('a revocation for compromise unproves what the pair signed, whichever of the two it names', async (t) => {
  const p = await openPapers()
  const { net } = p.authority
  const manifest = p.manifest()
  t.match(await verdictOn(t, p.prove(manifest), net), { exit: 0, ok: true, failed: [] })
  p.time.now += HOUR
  const since = '2026-05-31T00:00:00Z'
  const signing = thumbprintOf(p.owner, 'signing')
  const tls = thumbprintOf(p.owner, 'tls')
  for (const [name, id, said, codes] of [
    ['since', signing, { since }, [['revocation', 'TIME_UNPROVEN']]],
    ['the reason', signing, { reason: 'keyCompromise' }, [['revocation', 'TIME_UNPROVEN']]],
    ['the reason as the hub takes it', signing, { reason: ' Key-Compromise ' }, [['revocation', 'TIME_UNPROVEN']]],
    ['the TLS certificate of the pair', tls, { since }, [['revocation', 'TIME_UNPROVEN']]],
    ['another reason, afterwards', signing, {}, []],
    ['another pair', thumbprintOf(p.mallory, 'signing'), { since }, []],
  ] as const) {
    const found = await verdictOn(t, p.prove(manifest, p.revocation({ kind: 'certificate', id }, said)), net)
    t.same([found.exit, found.ok, found.failed], [codes.length, codes.length === 0, codes], name)
    t.notOk('via' in found.verdict, 'the door of a revocation says nothing about the document')
  }
})

t.test('a revocation of a member covers all it signed with the keys it had, and none it came back with', async (t) => {
  const p = await openPapers()
  const { net } = p.authority
  const first = p.manifest()
  p.time.now += HOUR
  await p.authority.renew(p.owner)
  p.authority.sign()
  const renewed = p.manifest(p.owner, 2)
  p.time.now += HOUR
  const member = { kind: 'member', id: p.owner.id } as const
  const stolen = p.revocation(member, { since: '2026-06-01T00:30:00Z' })
  const left = p.revocation(member)
  for (const manifest of [first, renewed]) {
    const unproven = await verdictOn(t, p.prove(manifest, stolen), net)
    t.same([unproven.exit, unproven.failed], [1, [['revocation', 'TIME_UNPROVEN']]])
    t.equal((await verdictOn(t, p.prove(manifest, left), net)).ok, true, 'one that left had good keys until then')
  }
  const other = p.revocation({ kind: 'member', id: p.mallory.id }, { since: '2026-06-01T00:30:00Z' })
  t.equal((await verdictOn(t, p.prove(first, other), net)).ok, true, "another's")

  p.time.now += HOUR
  const late = p.manifest()
  t.same(
    (await verdictOn(t, p.prove(late, left), net)).failed,
    [['revocation', 'CERTIFICATE_REVOKED']],
    'signed after its revocation, by a directory that does not know of it yet',
  )
  p.time.now += HOUR
  await p.authority.renew(p.owner)
  p.authority.sign()
  t.equal((await verdictOn(t, p.prove(p.manifest(), stolen), net)).ok, true, 'with the keys of a new code')
})

t.test('the standing is that of the directory in force when it was signed', async (t) => {
  const p = await openPapers()
  const { net } = p.authority
  const before = p.manifest()
  for (const [standing, code] of [
    ['revoked', 'CERTIFICATE_REVOKED'],
    ['suspended', 'MEMBER_SUSPENDED'],
  ] as const) {
    p.time.now += HOUR
    p.owner.standing = standing
    p.authority.sign()
    if (standing === 'revoked') {
      t.equal(
        (await verdictOn(t, p.prove(p.manifest()), net)).ok,
        true,
        'in the same second: before it, for all we know',
      )
    }
    p.time.now += 1000
    const proof = p.prove(p.manifest())
    t.same((await verdictOn(t, proof, net)).failed, [['manifest', code]], standing)
    const older = JSON.parse(p.prove(before)).directories
    const both = altered(proof, ({ directories }) => ({ directories: [...older, ...directories] }))
    t.same((await verdictOn(t, both, net)).failed, [['manifest', code]], 'also with an older directory laid in front')
    t.equal((await verdictOn(t, p.prove(before), net)).ok, true, 'what it signed before goes on to hold')
  }
  p.owner.standing = 'good'
  p.time.now += HOUR
  p.authority.sign()
  t.equal((await verdictOn(t, p.prove(p.manifest()), net)).ok, true, 'and it is back')
})

t.test('attack: one party signs the papers of the other', async (t) => {
  const p = await openPapers()
  const { net } = p.authority
  const manifest = p.manifest()
  const good = p.pull(manifest)
  t.equal((await verdictOn(t, p.prove(manifest, good.acknowledgement, good.delivery, good.order), net)).ok, true)
  for (const [name, by, check] of [
    ['the owner acknowledges its own delivery', { acknowledgement: p.owner }, 'chain'],
    ['a stranger acknowledges', { acknowledgement: p.mallory }, 'chain'],
    ['the consumer delivers to itself', { delivery: p.consumer }, 'delivery'],
    ['the owner orders in the name of the consumer', { order: p.owner }, 'pull-order'],
  ] as const) {
    const { order, delivery, acknowledgement } = p.pull(manifest, by)
    for (const proof of [
      p.prove(manifest, acknowledgement, delivery, order),
      p.prove(acknowledgement, delivery, order, manifest),
    ]) {
      const found = await verdictOn(t, proof, net)
      t.equal(found.exit, 1, name)
      t.ok(
        found.failed.some(([at, code]) => at === check && code === 'SIGNER_FORBIDDEN'),
        `${name}: ${JSON.stringify(found.failed)}`,
      )
    }
  }
  const alone = await verdictOn(t, p.prove(good.acknowledgement), net)
  t.same(alone.failed, [['chain', 'PROOF_INVALID']], 'nothing says whose word an acknowledgement alone is')
  const elsewhere = p.pull(p.manifest(p.owner, 2))
  t.same(
    (await verdictOn(t, p.prove(manifest, elsewhere.acknowledgement, elsewhere.delivery, elsewhere.order), net)).failed,
    [['chain', 'PROOF_INVALID']],
    'the papers of another pull',
  )
})

t.test('attack: data, decisions and keys that the signed papers do not vouch for', async (t) => {
  const p = await openPapers()
  const { net } = p.authority
  const manifest = p.manifest()
  const proof = p.prove(manifest)
  const named = (path: string, content: string) =>
    altered(proof, () => ({ files: [{ path, sha256: sha256(content) }] }))
  const data = { 'output.csv': '产量,1\n', 'more.csv': '伪造\n' }
  t.equal((await verdictOn(t, named('output.csv', '产量,1\n'), net, data)).ok, true)
  t.same((await verdictOn(t, named('more.csv', '伪造\n'), net, data)).failed, [['file more.csv', 'PROOF_INVALID']])
  t.same(
    (await verdictOn(t, named('output.csv', '产量,2\n'), net, { 'output.csv': '产量,2\n' })).failed.map(
      ([, code]) => code,
    ),
    ['FILE_TAMPERED', 'PROOF_INVALID'],
    'a hash of its own',
  )
  const grantKey = p.authority.signerOf('grant')
  const member = { kind: 'member', id: p.owner.id } as const
  for (const [name, signer, code] of [
    ['a decision by the key for grants', grantKey, 'SIGNER_FORBIDDEN'],
    ['a decision by a member', p.signerOf(p.mallory), 'SIGNER_UNKNOWN'],
  ] as const)
    t.same(
      (await verdictOn(t, p.prove(manifest, p.revocation(member, {}, signer)), net)).failed,
      [['decision', code]],
      name,
    )
  t.same((await verdictOn(t, p.prove(p.manifest(p.mallory)), net)).failed, [['manifest', 'SIGNER_FORBIDDEN']])
  const about = p.revocation({ kind: 'certificate', id: thumbprintOf(p.owner, 'signing') })
  t.equal((await verdictOn(t, p.prove(about), net)).verdict.via[0], '登记员 (control)', 'a decision shows its door')
})
