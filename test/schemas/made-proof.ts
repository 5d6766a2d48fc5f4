import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { Payload } from '#schemas/kinds.ts'
import { makeProof, type Paper, type Proof } from '#schemas/proof.ts'
import { runWith } from '../cli/fake-server.ts'
import { createAuthority, type TestMember } from '../kit/authority.ts'

export const HOUR = 3_600_000

/** A hub on paper, an owner, a consumer and another member, and papers as any of them may sign them. */
export async function openPapers() {
  const time = { now: Date.UTC(2026, 5, 1) }
  const authority = await createAuthority(time)
  const [owner, consumer, mallory] = [
    await authority.enrol('51100000PDY00001X3', 'association'),
    await authority.enrol('11100000PDY0090060', 'department'),
    await authority.enrol('51100000PDY0000283', 'association'),
  ] as const
  authority.sign()
  const head = () => ({ net: authority.net, jti: newJti(), iat: authority.now() })
  const signerOf = ({ pairs }: TestMember) => {
    const { signing } = pairs.at(-1) as TestMember['pairs'][number]
    return { key: signing.key, thumbprint: signing.certificate.thumbprint }
  }
  const dataset = `${owner.id}/output`

  const manifest = (by = owner, version = 1, content = '产量,1\n'): Paper => ({
    kind: 'manifest',
    document: signDocument(
      'manifest',
      {
        net: authority.net,
        iat: authority.now(),
        dataset,
        version,
        salt: newJti(),
        previous: null,
        schema: null,
        files: [
          {
            path: 'output.csv',
            mediaType: 'text/csv',
            bytes: Buffer.byteLength(content),
            sha256: sha256(content),
            chunks: { parameters: 'gear-64k', count: 1, list: { bytes: 36, sha256: sha256('list') } },
          },
        ],
      },
      signerOf(by),
    ),
  })

  /** Order, delivery and acknowledgement of one pull, each by whoever is named. */
  const pull = (of: Paper, by: { order?: TestMember; delivery?: TestMember; acknowledgement?: TestMember } = {}) => {
    const about = { agreement: sha256('agreement'), manifest: idOf(of) }
    const order = signDocument(
      'pull-order',
      {
        ...head(),
        ...about,
        grant: newJti(),
        consumer: consumer.id,
        owner: owner.id,
        dataset,
        version: 1,
        purpose: '统计',
      },
      signerOf(by.order ?? consumer),
    )
    const answering = { ...about, order: parseDocument('pull-order', order).id, bytes: 9 }
    const stamp = '2026-06-01T00:00:00Z'
    const delivery = signDocument(
      'delivery',
      { ...head(), ...answering, dataset, version: 1, outcome: 'delivered', opened: stamp, closed: stamp },
      signerOf(by.delivery ?? owner),
    )
    const acknowledgement = signDocument(
      'acknowledgement',
      { ...head(), ...answering, delivery: parseDocument('delivery', delivery).id, outcome: 'verified' },
      signerOf(by.acknowledgement ?? consumer),
    )
    return {
      order: { kind: 'pull-order', document: order },
      delivery: { kind: 'delivery', document: delivery },
      acknowledgement: { kind: 'acknowledgement', document: acknowledgement },
    } as const satisfies Record<string, Paper>
  }

  /** The hub's revocation of a member or certificate. */
  const revocation = (
    subject: Payload<'decision'>['subject'],
    { reason = '更换', since }: { reason?: string; since?: string } = {},
    signer = authority.signerOf('directory'),
  ): Paper => ({
    kind: 'decision',
    document: signDocument(
      'decision',
      {
        ...head(),
        subject,
        outcome: 'revoked',
        ...(since === undefined ? {} : { since }),
        by: [{ operator: '登记员', via: { kind: 'control' }, at: '2026-06-01T00:00:00Z', reason }],
      },
      signer,
    ),
  })

  const prove = (main: Paper, ...related: Paper[]) => makeProof(main, related, authority.proofMaterial())

  return { time, authority, owner, consumer, mallory, manifest, pull, revocation, prove, signerOf, dataset }
}

const idOf = ({ kind, document }: Paper): string => parseDocument(kind, document).id

/** What `hanghui verify --json` says of a proof: its exit code, its verdict, and the codes of what does not hold by check. */
export async function verdictOn(t: Test, proof: string, root: string, data: Readonly<Record<string, string>> = {}) {
  const dir = t.testdir({ ...data })
  writeFileSync(join(dir, 'a.proof.json'), proof)
  const { code, stdout } = await runWith(['verify', join(dir, 'a.proof.json'), '--root', root, '--json'])
  const verdict = JSON.parse(stdout)
  const failed = (verdict.checks as { name: string; ok: boolean; detail: { en: string } }[])
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => [name, / ?([A-Z]+_[A-Z_]+) /.exec(detail.en)?.[1]])
  return { exit: code, ok: verdict.ok as boolean, failed, verdict }
}

/** A proof with something in it exchanged, as whoever hands it on could. */
export function altered(proof: string, change: (proof: Proof) => Partial<Proof>): string {
  const parsed = JSON.parse(proof) as Proof
  return JSON.stringify({ ...parsed, ...change(parsed) })
}
