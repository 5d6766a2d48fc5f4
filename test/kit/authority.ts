import { createPublicKey } from 'node:crypto'
import { issueIssuingCa, issueOnlineCertificate, issueRoot, issuerOf } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { createClock, toRfc3339 } from '#schemas/clock.ts'
import { openGeneralDocument, type Signer, signDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { ProofMaterial } from '#schemas/proof.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import { encodeStatusList, type Status } from '#schemas/status-list.ts'
import { createTrust, type Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { issuePair, type MemberPair } from './member-pairs.ts'
import { createPapers } from './papers.ts'

/** Time of a test; everything reads it. */
export interface TestTime {
  now: number
}

/** A member as the authority knows it; `pairs` oldest first. */
export interface TestMember {
  readonly id: string
  readonly class: MemberClass
  endpoint: string | null
  standing: 'good' | 'suspended' | 'revoked'
  readonly pairs: MemberPair[]
}

/** Everything the hub signs, without the hub: real keys, real certificates, real documents, in memory. */
export type Authority = Awaited<ReturnType<typeof createAuthority>>

const NAME = '测试共享中心'

export async function createAuthority(time: TestTime) {
  const now = () => Math.floor(time.now / 1000)
  const keys = {
    root: generateKeyPair(),
    issuing: generateKeyPair(),
    directory: generateKeyPair(),
    grant: generateKeyPair(),
  }
  const root = await issueRoot({ name: NAME, keys: keys.root, now: new Date(time.now) })
  const issuing = await issueIssuingCa({
    name: NAME,
    issuer: issuerOf(root, keys.root.privateKey),
    publicKey: spkiOf(keys.issuing.publicKey),
    now: new Date(time.now),
  })
  const issuer = issuerOf(issuing, keys.issuing.privateKey)
  const online = async (purpose: 'directory' | 'grant') =>
    issueOnlineCertificate({
      name: NAME,
      purpose,
      issuer,
      publicKey: spkiOf(keys[purpose].publicKey),
      now: new Date(time.now),
    })
  const certificates = { directory: await online('directory'), grant: await online('grant') }
  const signerOf = (purpose: 'directory' | 'grant'): Signer => ({
    key: keys[purpose].privateKey,
    thumbprint: certificates[purpose].thumbprint,
  })
  const net = root.thumbprint
  const rootText = openGeneralDocument(
    'root',
    {
      kind: 'root',
      net,
      version: 1,
      iat: now(),
      previous: null,
      certificate: toBase64url(root.der),
      keys: (['directory', 'grant'] as const).map((purpose) => ({
        purpose,
        certificate: toBase64url(certificates[purpose].der),
        from: toRfc3339(now()),
      })),
      cas: [{ name: NAME, kind: 'embedded', certificates: [toBase64url(issuing.der), toBase64url(root.der)] }],
    },
    { key: keys.root.privateKey, thumbprint: root.thumbprint },
    { role: 'root', iat: now() },
  )
  const roots = verifyRootLine([rootText], root.thumbprint)

  const members = new Map<string, TestMember>()
  const statuses = new Map<number, Status>()
  const versions = { directory: 0, status: 0, place: 100 }
  const kept: { iat: number; directory: string; parts: Map<string, Uint8Array> }[] = []
  let listed: { directory: string; parts: Map<string, Uint8Array>; status: string }

  const nextPlace = () => {
    versions.place += 1
    statuses.set(versions.place, 'good')
    return versions.place
  }

  const pairs = { net, time, issuer, nextPlace }

  async function enrol(id: string, memberClass: MemberClass): Promise<TestMember> {
    const member: TestMember = {
      id,
      class: memberClass,
      endpoint: null,
      standing: 'good',
      pairs: [await issuePair(pairs, id, undefined)],
    }
    members.set(id, member)
    return member
  }

  async function renew(member: TestMember): Promise<MemberPair> {
    const pair = await issuePair(pairs, member.id, member.pairs.at(-1))
    member.pairs.push(pair)
    return pair
  }

  /** A pair the hub made up by itself: no key of the member vouches for it (threats C19). */
  async function issueForeignPair(member: TestMember): Promise<MemberPair> {
    const pair = await issuePair(pairs, member.id, undefined)
    member.pairs.push(pair)
    return pair
  }

  function entryOf(member: TestMember): MemberEntry {
    const registered = (use: 'tls' | 'signing') =>
      member.pairs.map((pair) => ({
        use,
        thumbprint: pair[use].certificate.thumbprint,
        certificate: toBase64url(pair[use].certificate.der),
        request: pair.request,
        status: pair.places[use],
      }))
    return {
      id: member.id,
      name: member.id,
      class: member.class,
      standing: member.standing,
      admission: sha256(member.id),
      endpoint: member.endpoint,
      sponsors: [],
      certificates: [...registered('tls'), ...registered('signing')],
    }
  }

  /** Signs a new directory and status list, newer than the last. */
  function sign(): void {
    const part = Buffer.from(JSON.stringify({ members: [...members.values()].map(entryOf) }))
    versions.directory = Math.max(versions.directory + 1, now())
    versions.status = Math.max(versions.status + 1, now())
    const directory = signDocument(
      'directory',
      {
        net,
        version: versions.directory,
        iat: now(),
        exp: now() + LIMITS.directoryExpirySeconds,
        root: { version: 1, hash: roots[0]?.id as string },
        phase: 'construction',
        policy: { limits: {}, networks: [], loopback: true },
        hub: {
          name: NAME,
          member: 'https://127.0.0.1:1',
          enrolment: 'https://127.0.0.1:1',
          public: 'http://127.0.0.1:1',
        },
        parts: [sha256(part)],
      },
      signerOf('directory'),
    )
    const lst = encodeStatusList(statuses, 65_536)
    const status = signDocument(
      'status',
      {
        net,
        version: versions.status,
        iat: now(),
        exp: now() + LIMITS.statusExpirySeconds,
        ttl: 60,
        status_list: { bits: 2, lst },
      },
      signerOf('directory'),
    )
    kept.push({ iat: now(), directory, parts: new Map([[sha256(part), part]]) })
    listed = { directory, parts: new Map([[sha256(part), part]]), status }
  }

  /** A party's own trust, as far as `tell` has brought it. */
  function createPartyTrust() {
    const clock = createClock(
      () => time.now,
      0,
      () => {},
    )
    const trust = createTrust(roots, clock)
    return { clock, trust, tell: () => tell(trust) }
  }

  function tell(trust: Trust): void {
    trust.acceptDirectory(listed.directory, listed.parts)
    trust.acceptStatus(listed.status)
  }

  /** Every certificate ever issued counts for documents of its time. */
  const agreementKeys: AgreementKeys = {
    member(thumbprint, signedAt) {
      for (const member of members.values()) {
        for (const { signing } of member.pairs) {
          const { certificate } = signing
          if (certificate.thumbprint !== thumbprint) continue
          if (
            !(certificate.notBefore.getTime() <= signedAt * 1000 && signedAt * 1000 <= certificate.notAfter.getTime())
          )
            throw new Refusal('CERTIFICATE_EXPIRED')
          return {
            member: member.id,
            publicKey: createPublicKey({ key: certificate.publicKey.der, format: 'der', type: 'spki' }),
          }
        }
      }
      throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
    },
    hub: (thumbprint) => {
      if (thumbprint !== certificates.directory.thumbprint) throw new Refusal('SIGNER_UNKNOWN')
      return keys.directory.publicKey
    },
  }

  const findCertificate = (thumbprint: string) => {
    for (const member of members.values()) {
      const found = entryOf(member).certificates.find((one) => one.thumbprint === thumbprint)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** `GET /v1/certificates/<request hash or thumbprint>` */
  const stepOf = (name: string) => {
    const pair = [...members.values()]
      .flatMap(({ pairs }) => pairs)
      .find((one) => [one.request, one.tls.certificate.thumbprint, one.signing.certificate.thumbprint].includes(name))
    if (pair === undefined) throw new Refusal('NOT_FOUND', { name })
    return { request: pair.requestText, previous: pair.previous }
  }

  const papers = createPapers({ net, now, nextPlace, signerOf })

  /** As kept by a node that was there all the time; the newest directory lists everybody ever enrolled. */
  const proofMaterial = (): ProofMaterial => ({
    roots: [rootText],
    directoryAt: (seconds) => {
      const found = kept.findLast(({ iat }) => iat <= seconds)
      return found === undefined ? undefined : { directory: found.directory, parts: [...found.parts.values()] }
    },
  })

  sign()
  return {
    proofMaterial,
    net,
    now,
    members,
    enrol,
    renew,
    issueForeignPair,
    sign,
    createPartyTrust,
    agreementKeys,
    findCertificate,
    stepOf,
    ...papers,
    signerOf,
    setStatus: (place: number, status: Status) => statuses.set(place, status),
    cas: [issuing.der, root.der],
    issuing,
  }
}
