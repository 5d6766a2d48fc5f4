import { hexToBase64url } from '#schemas/base64url.ts'
import { addSignature, openGeneralDocument, parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { Agreement, Grant, Terms } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { policyOf } from '#schemas/policy.ts'

export interface PapersDeps {
  readonly net: string
  readonly now: () => number
  readonly nextPlace: () => number
  readonly signerOf: (purpose: 'directory' | 'grant') => Signer
}

/** Agreements and grants as a hub makes them, and as a bad one might. */
export function createPapers({ net, now, nextPlace, signerOf }: PapersDeps) {
  /** An agreement with the signatures of these parties and, unless left out, the hub's. */
  function makeAgreement(
    said: Pick<Agreement, 'consumer' | 'owners' | 'dataset' | 'entry' | 'sharing'> & {
      terms: Terms
      signers: readonly { readonly role: 'owner' | 'consumer'; readonly signer: Signer }[]
      hub?: boolean
    },
  ) {
    const { consumer, owners, dataset, entry, sharing, terms, signers, hub = true } = said
    const payload: Agreement = {
      kind: 'agreement',
      net,
      jti: newJti(),
      iat: now(),
      request: sha256(newJti()),
      entry,
      offer: null,
      dataset,
      consumer,
      owners,
      sharing,
      offerTerms: 1,
      sensitive: false,
      terms,
      policy: policyOf({ consumer, owners, dataset }, terms) as Agreement['policy'],
    }
    const [first, ...more] = signers
    if (first === undefined) throw new Error('somebody signs first')
    let text = openGeneralDocument('agreement', payload, first.signer, { role: first.role, iat: now() })
    for (const { role, signer } of more) text = addSignature(text, 'agreement', signer, { role, iat: now() })
    const status = nextPlace()
    if (hub)
      text = addSignature(text, 'agreement', signerOf('directory'), {
        role: 'hub',
        iat: now(),
        decision: sha256('decision'),
        status,
      })
    return { text, status, id: parseDocument('agreement', text).id, payload }
  }

  function mintGrant(
    agreement: { id: string; payload: Agreement; status: number },
    holder: string,
    more: Partial<Grant> = {},
    signer = signerOf('grant'),
  ): string {
    const { consumer, dataset, terms } = agreement.payload
    return signDocument(
      'grant',
      {
        net,
        iss: 'hub',
        aud: dataset.slice(0, 18),
        sub: consumer,
        cnf: { 'x5t#S256': hexToBase64url(holder) },
        agreement: agreement.id,
        dataset,
        terms,
        status: agreement.status,
        jti: newJti(),
        iat: now(),
        exp: now() + LIMITS.grantSeconds,
        ...more,
      },
      signer,
    )
  }

  return { makeAgreement, mintGrant }
}
