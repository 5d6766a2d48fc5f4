import t from 'tap'
import { signDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Directory, MemberEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { createAuthority } from '../kit/authority.ts'

const IDS = ['51100000PDY00001X3', '51100000PDY0000283', '51100000PDY000036X'] as const
const time = { now: Date.now() }
const authority = await createAuthority(time)
for (const id of IDS) await authority.enrol(id, 'association')
authority.sign()

/** Entries as the authority states them, to be put into parts of our own cut. */
const party = authority.createPartyTrust()
party.tell()
const [first, second, third] = [...party.trust.members()] as [MemberEntry, MemberEntry, MemberEntry]
const base = party.trust.directory()?.payload as Directory

const partOf = (...members: MemberEntry[]): Buffer => Buffer.from(JSON.stringify({ members }))
let version = base.version

/** A directory over these parts, and the given bytes by their hash. */
function directoryOver(parts: readonly Buffer[]) {
  version += 1
  const hashes = parts.map((bytes) => sha256(bytes))
  const payload = { ...base, version, exp: base.iat + LIMITS.directoryExpirySeconds, parts: hashes }
  return signDocument('directory', payload, authority.signerOf('directory'))
}
const bytesOf = (...parts: Buffer[]) => new Map(parts.map((bytes) => [sha256(bytes), bytes]))

t.test('a newer directory needs only the parts that changed', (t) => {
  const { trust } = authority.createPartyTrust()
  const [a, b] = [partOf(first, second), partOf(third)]
  t.ok(trust.acceptDirectory(directoryOver([a, b]), bytesOf(a, b)))
  const untouched = trust.findMember(first.id)
  const changed = partOf({ ...third, standing: 'suspended' })
  t.ok(trust.acceptDirectory(directoryOver([a, changed]), bytesOf(changed)))
  t.equal(trust.findMember(third.id)?.standing, 'suspended')
  t.equal(trust.findMember(first.id), untouched, 'what stayed is not read again')
  for (const { thumbprint } of first.certificates) t.equal(trust.findRegistered(thumbprint)?.member.id, first.id)
  t.equal(trust.findRegistered(third.certificates[0]?.thumbprint as string)?.member.standing, 'suspended')

  t.ok(trust.acceptDirectory(directoryOver([a]), new Map()))
  t.equal(trust.findMember(third.id), undefined, 'a part that is no longer named counts no longer')
  t.equal(trust.findRegistered(third.certificates[0]?.thumbprint as string), undefined)
  t.throws(
    () => trust.acceptDirectory(directoryOver([a, b]), new Map()),
    { code: 'DOCUMENT_INVALID' },
    'nor is it remembered',
  )
  t.end()
})

t.test('a part that is missing or another changes nothing', (t) => {
  const { trust } = authority.createPartyTrust()
  const [a, b] = [partOf(first), partOf(second)]
  t.ok(trust.acceptDirectory(directoryOver([a]), bytesOf(a)))
  const before = trust.directory()
  const text = directoryOver([a, b])
  t.throws(() => trust.acceptDirectory(text, bytesOf(a)), { code: 'DOCUMENT_INVALID', facts: { part: sha256(b) } })
  t.throws(() => trust.acceptDirectory(text, new Map([[sha256(b), a]])), { code: 'DOCUMENT_INVALID' })
  t.equal(trust.directory(), before)
  t.same(
    [...trust.members()].map(({ id }) => id),
    [first.id],
  )
  t.ok(trust.acceptDirectory(text, bytesOf(b)), 'the same directory with its parts')
  t.same(
    [...trust.members()].map(({ id }) => id),
    [first.id, second.id],
  )
  t.end()
})

t.test('parts that say the same are one part', (t) => {
  const { trust } = authority.createPartyTrust()
  const [empty, a] = [partOf(), partOf(first)]
  t.ok(trust.acceptDirectory(directoryOver([empty, a, empty]), bytesOf(empty, a)))
  t.same(
    [...trust.members()].map(({ id }) => id),
    [first.id],
  )
  t.end()
})
