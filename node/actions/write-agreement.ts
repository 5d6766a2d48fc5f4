import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '#schemas/clock.ts'
import { addSignature, openGeneralDocument, parseDocument, type Signer } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Agreement, CatalogEntry } from '#schemas/kinds.ts'
import { policyOf } from '#schemas/policy.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { StandingWords } from './standing-words.ts'

interface Deps {
  readonly trust: Pick<Trust, 'net'>
  readonly clock: Clock
  readonly signer: () => Signer
}

/** An agreement with a signature of ours that is still to be posted. */
export interface SignedAgreement {
  readonly id: string
  readonly text: string
}

/** Everything in an agreement that follows from what was said before, and from the entry it was said about. */
function agreedOn(words: StandingWords, request: string, entry: CatalogEntry, sharing: Agreement['sharing']) {
  const { asked, terms, offer } = words
  const parties = { consumer: asked.consumer, owners: entry.owners, dataset: asked.dataset }
  return {
    request,
    entry: asked.entry,
    offer,
    ...parties,
    sharing,
    offerTerms: entry.terms,
    sensitive: entry.meta.sensitive,
    terms,
    policy: policyOf(parties, terms) as Record<string, unknown>,
  }
}

/** Protocol 5.2, 5.4: writes the agreement and signs it first. */
export function writeAgreement(
  { trust, clock, signer }: Deps,
  words: StandingWords,
  request: string,
  entry: CatalogEntry,
  sharing: Agreement['sharing'],
): SignedAgreement {
  const iat = clock.now()
  const payload: Agreement = {
    kind: 'agreement',
    net: trust.net,
    jti: newJti(),
    iat,
    ...agreedOn(words, request, entry, sharing),
  }
  const role = sharing === 'unconditional' ? 'consumer' : 'owner'
  const text = openGeneralDocument('agreement', payload, signer(), { role, iat })
  return { id: parseDocument('agreement', text).id, text }
}

/** Protocol 5.4, 5.5: adds our signature under what others have signed. TERMS_MISMATCH names what differs from what was agreed. */
export function joinAgreement(
  { clock, signer }: Deps,
  text: string,
  words: StandingWords,
  entry: CatalogEntry,
  role: 'consumer' | 'owner',
): SignedAgreement {
  const { id, payload } = parseDocument('agreement', text)
  const expected = agreedOn(words, payload.request, entry, 'conditional')
  for (const [field, value] of Object.entries(expected)) {
    if (!isDeepStrictEqual(payload[field as keyof Agreement], value))
      throw new Refusal('TERMS_MISMATCH', { field: `/${field}`, agreed: value })
  }
  return { id, text: addSignature(text, 'agreement', signer(), { role, iat: clock.now() }) }
}
