import { toBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { addSignature, openGeneralDocument, parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { Agreement, CatalogEntry, Payload, Terms } from '#schemas/kinds.ts'
import { policyOf } from '#schemas/policy.ts'
import type { Party, World } from './world.ts'

/** Who signs. */
type Author = Pick<Party, 'id' | 'signer'>

/** A document and its id. */
export interface Made {
  readonly id: string
  readonly text: string
}

/** Documents as nodes write them; everything may be overridden, so that each can also be wrong. */
export function madeDocuments(world: Pick<World, 'net' | 'now'>) {
  const head = () => ({ net: world.net, jti: newJti(), iat: world.now() })

  function entryPayload(
    party: Author,
    slug: string,
    more: Partial<CatalogEntry> = {},
    meta: Partial<CatalogEntry['meta']> = {},
  ): CatalogEntry {
    const stamp = toRfc3339(world.now())
    return {
      kind: 'catalog-entry',
      ...head(),
      dataset: `${party.id}/${slug}`,
      member: party.id,
      owners: [party.id],
      sequence: 1,
      terms: 1,
      version: 1,
      manifest: sha256(`${slug}1`),
      issued: stamp,
      modified: stamp,
      bytes: 100,
      files: [{ path: 'data.csv', mediaType: 'text/csv', bytes: 100 }],
      meta: {
        slug,
        title: { zh: '钢铁产量月度统计' },
        contentClass: 1,
        industries: [],
        region: '100000',
        periodicity: 'monthly',
        sharing: 'conditional',
        ownership: 'SOURCE',
        audience: ['association', 'department'],
        legalBasis: 'other',
        classification: 'public',
        sensitive: false,
        responsible: { unit: '统计部' },
        ...meta,
      },
      ...more,
    }
  }

  const signEntry = (payload: CatalogEntry, ...signers: Signer[]): Made =>
    several(
      'catalog-entry',
      payload,
      signers.map((signer) => [signer, 'owner'] as const),
    )

  /** As somebody signs whose software checks nothing. */
  function forgeEntry(payload: object, signer: Signer): string {
    const text = JSON.stringify({ payload: toBase64url(Buffer.from(JSON.stringify(payload))), signatures: [] })
    return addSignature(text, 'catalog-entry', signer, { role: 'owner', iat: world.now() })
  }

  function several<K extends 'catalog-entry' | 'agreement'>(
    kind: K,
    payload: Payload<K>,
    signers: readonly (readonly [Signer, 'owner' | 'consumer'])[],
  ): Made {
    const [[signer, role], ...more] = signers as [readonly [Signer, 'owner' | 'consumer']]
    let text = openGeneralDocument(kind, payload, signer, { role, iat: world.now() })
    for (const [next, as] of more as typeof signers)
      text = addSignature(text, kind, next, { role: as, iat: world.now() })
    return { id: parseDocument(kind, text).id, text }
  }

  function compact<
    K extends
      | 'tombstone'
      | 'request'
      | 'offer'
      | 'consent'
      | 'refusal'
      | 'agreement-change'
      | 'grant-request'
      | 'delivery'
      | 'acknowledgement'
      | 'pull-order',
  >(
    kind: K,
    by: Author,
    claims: Omit<Payload<K>, 'net' | 'jti' | 'iat'> & { jti?: string; iat?: number; net?: string },
  ): Made {
    const text = signDocument(kind, { ...head(), ...claims } as unknown as Payload<K>, by.signer())
    return { id: parseDocument(kind, text).id, text }
  }

  function terms(more: Partial<Terms> = {}): Terms {
    return { purpose: '行业运行监测', files: 'all', until: toRfc3339(world.now() + 365 * 86_400), pulls: null, ...more }
  }

  function agreementPayload(
    of: { request: Made; entry: Made; terms: Terms; offer?: Made },
    more: Partial<Agreement> = {},
  ): Agreement {
    const entry = parseDocument('catalog-entry', of.entry.text).payload
    const { consumer } = parseDocument('request', of.request.text).payload
    const parties = { consumer, owners: entry.owners, dataset: entry.dataset }
    const said = {
      kind: 'agreement' as const,
      ...head(),
      request: of.request.id,
      entry: of.entry.id,
      offer: of.offer?.id ?? null,
      ...parties,
      sharing: 'conditional' as const,
      offerTerms: entry.terms,
      sensitive: entry.meta.sensitive,
      terms: of.terms,
      ...more,
    }
    return { ...said, policy: policyOf(said, said.terms) as Agreement['policy'] }
  }

  const cosign = (kind: 'catalog-entry' | 'agreement', text: string, by: Author, role: 'owner' | 'consumer'): string =>
    addSignature(text, kind, by.signer(), { role, iat: world.now() })

  return { head, entryPayload, signEntry, forgeEntry, several, compact, terms, agreementPayload, cosign }
}
