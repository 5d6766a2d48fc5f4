import { hexToBase64url } from '#schemas/base64url.ts'
import { permitEnd } from '#schemas/catalog/rules.ts'
import { requireFresh, toRfc3339 } from '#schemas/clock.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { refuseStanding } from '#schemas/refuse-standing.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { requireAgreementParty } from './move-agreement.ts'
import { requirePublished } from './read-entry.ts'
import { receiveDocument } from './receive-document.ts'
import { requireSameTerms } from './receive-request.ts'
import { requireEligible, requireSponsored } from './require-eligible.ts'

/**
 * Protocol 6.1: a grant bound to the caller's own TLS certificate, under an agreement that runs. Never past the end of
 * agreement, certificate, sponsorship or permit. Inside a transaction.
 */
export function mintGrant(x: Exchange, text: string, caller: Caller): { grant: string } {
  return receiveDocument(x, 'grant-request', text, caller, {
    story: ({ document: { payload } }) => {
      const { row, role } = requireAgreementParty(x, payload.agreement, caller.member.id)
      // The owner's side of an agreement gives no right to pull.
      if (!(role === 'consumer'))
        throw new Refusal('GRANT_SUBJECT', { consumer: row.consumer, caller: caller.member.id })
      // Grants come twice a day for years: they are kept, but no part of the story that lists show.
      return null
    },
    act: ({ document: { payload } }) => {
      requireFresh(payload.iat, x.clock)
      // A grant for another certificate than the one that asks could be asked for by whoever holds the signing key alone.
      if (!(payload.holder === caller.thumbprint))
        throw new Refusal('GRANT_HOLDER_MISMATCH', { holder: payload.holder })
      const row = x.agreements.findByAgreement(payload.agreement) as AgreementRow
      requireGrantable(x, row)
      const grant = signGrant(x, row, payload.agreement, caller)
      x.journal.append('grant', sha256(grant.slice(0, grant.lastIndexOf('.'))))
      return { grant }
    },
  })
}

function signGrant(x: Exchange, row: AgreementRow, agreement: string, caller: Caller): string {
  const { row: newest, payload: entry } = requirePublished(x, row.dataset)
  const { terms, sharing, offerTerms } = parseDocument('agreement', x.documents.get(agreement).text).payload
  if (sharing === 'unconditional') {
    requireSameTerms(offerTerms, newest.terms)
    requireEligible(x, caller.member, entry)
  }
  const iat = x.clock.now()
  return signDocument(
    'grant',
    {
      net: x.trust.net,
      iss: 'hub',
      aud: requireServing(x, row.dataset),
      sub: caller.member.id,
      cnf: { 'x5t#S256': hexToBase64url(caller.thumbprint) },
      agreement,
      dataset: row.dataset,
      terms,
      status: row.place as number,
      jti: newJti(),
      iat,
      exp: endOfGrant(x, row, entry, caller),
    },
    x.signer('grant'),
  )
}

/** The earliest of all ends that bound a grant. */
function endOfGrant(x: Exchange, row: AgreementRow, entry: CatalogEntry, caller: Caller): number {
  const permit = entry.meta.permit === undefined ? Number.POSITIVE_INFINITY : permitEnd(entry.meta)
  const now = x.clock.now()
  if (!(now < permit)) throw new Refusal('PERMIT_EXPIRED', { dataset: row.dataset })
  const certificate = Math.floor(caller.certificate.notAfter.getTime() / 1000)
  return Math.min(
    now + x.trust.limits().grantSeconds,
    row.until,
    certificate,
    requireSponsored(x, caller.member),
    permit,
  )
}

/** FINALIZED, unsuspended and not past its end; each way of not being so has its code. */
function requireGrantable(x: Exchange, row: AgreementRow): void {
  if (row.state === 'TERMINATED' && row.cause === 'expired')
    throw new Refusal('AGREEMENT_EXPIRED', { until: toRfc3339(row.until) })
  if (row.state === 'TERMINATED') throw new Refusal('AGREEMENT_TERMINATED', { cause: row.cause })
  if (row.state === 'SUSPENDED')
    throw new Refusal('AGREEMENT_SUSPENDED', { suspendedBy: [...x.standings.suspendedBy(row.request)] })
  if (!(row.state === 'FINALIZED' && row.place !== null)) throw new Refusal('AGREEMENT_NOT_FINAL', { state: row.state })
  if (!(x.clock.now() < row.until)) throw new Refusal('AGREEMENT_EXPIRED', { until: toRfc3339(row.until) })
}

/** The publisher's node serves; one that is suspended or gone serves nobody. */
function requireServing(x: Exchange, dataset: string): string {
  const id = dataset.slice(0, 18)
  const owner = x.trust.findMember(id)
  if (!(owner?.standing === 'good')) throw refuseStanding('MEMBER_SUSPENDED', owner ?? { id, name: id })
  return id
}
