import { keyOfCertificate } from '#schemas/certificates.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { markVerified, type Verified } from '#schemas/verified.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { PullRow } from '../store/pulls.ts'
import { countedBytes } from './count-pull.ts'
import type { Page } from './list-agreements.ts'
import { requireAgreementParty } from './move-agreement.ts'
import { requireNotAhead } from './receive-document.ts'

/** What parties file about a pull. */
export type ReceiptKind = 'pull-order' | 'delivery' | 'acknowledgement'

/** Protocol 6.9: ids that are stored now; what was refused, by its place in the batch. */
export interface Filed {
  readonly stored: readonly string[]
  readonly refused: readonly { readonly index: number; readonly code: RefusalCode }[]
}

/** A receipt as its parties get it back. */
export interface ReceiptItem extends Omit<PullRow, 'request' | 'pullOrder' | 'counted'> {
  readonly agreement: string
  readonly role: 'consumer' | 'owner'
  readonly order: string | null
}

type Parsed = ParsedDocument<ReceiptKind>

/** Protocol 6.9: files a batch, each document for itself: one that is refused must not keep the others out. Inside a transaction. */
export function fileReceipts(
  x: Exchange,
  documents: readonly { kind: ReceiptKind; document: string }[],
  caller: Caller,
): Filed {
  const stored: string[] = []
  const refused: { index: number; code: RefusalCode }[] = []
  const alone = x.db.transaction((kind: ReceiptKind, text: string) => fileReceipt(x, kind, text, caller))
  for (const [index, { kind, document }] of documents.entries()) {
    try {
      stored.push(alone(kind, document))
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused.push({ index, code: error.code })
    }
  }
  return { stored, refused }
}

function fileReceipt(x: Exchange, kind: ReceiptKind, text: string, caller: Caller): string {
  const parsed: Parsed = parseDocument(kind, text)
  const { row } = requireAgreementParty(x, parsed.payload.agreement, caller.member.id)
  if (x.documents.find(parsed.id) !== undefined) return parsed.id
  if (row.place === null) throw new Refusal('AGREEMENT_NOT_FINAL', { state: row.state })

  const { document, member } = verifyReceipt(x, parsed)
  requireNotAhead(document.payload.iat, x)
  const role = x.agreements.parties(row.request).find((party) => party.member === member)?.role
  // Each side speaks for itself: the owner of what left, the consumer of what it ordered and got.
  if (!(role === (kind === 'delivery' ? 'owner' : 'consumer'))) throw new Refusal('SIGNER_FORBIDDEN', { kind, member })

  const pull = pullWith(x, document, row)
  x.documents.keep({
    id: document.id,
    kind,
    member,
    jti: document.payload.jti,
    text,
    request: null,
    stored: x.clock.now(),
  })
  const counted = countedBytes(x, pull)
  // A co-owner's word about another's pull would keep the true one out.
  if (kind === 'delivery' && pull.pullOrder !== null && counted === null)
    throw new Refusal('TERMS_MISMATCH', { field: '/order', rule: 'a delivery answers the order of its pull' })
  x.pulls.save({ ...pull, counted, changed: x.journal.append(kind, document.id) })
  return document.id
}

/** Protocol 1.3: the signer's certificate need not be good any more, but was good when the document says it was signed. */
function verifyReceipt(x: Exchange, document: Parsed): { document: Verified<Parsed>; member: string } {
  x.trust.requireNet(document.payload.net)
  const signature = onlySignature(document)
  const { thumbprint } = signature
  const found = x.findArchived(thumbprint)
  if (found === undefined) throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
  if (!(found.use === 'signing')) throw new Refusal('SIGNER_FORBIDDEN', { use: found.use })
  const { iat } = document.payload
  if (!(found.notBefore - LIMITS.clockSkewSeconds <= iat))
    throw new Refusal('CERTIFICATE_NOT_YET_VALID', { thumbprint })
  if (!(iat <= found.notAfter)) throw new Refusal('CERTIFICATE_EXPIRED', { thumbprint })
  // A thief can write any date into what it signs.
  if (found.revoked?.compromised === true) throw new Refusal('TIME_UNPROVEN', { thumbprint })
  if (!(found.revoked === undefined || iat < found.revoked.since))
    throw new Refusal('CERTIFICATE_REVOKED', { thumbprint })
  verifySignature(signature, keyOfCertificate(found.der).publicKey)
  return { document: markVerified(document), member: found.member }
}

function isKind<K extends ReceiptKind>(document: Parsed, kind: K): document is Parsed & ParsedDocument<K> {
  return document.kind === kind
}

/** A pull is named by its order's id. */
export function pullOf(document: ParsedDocument<ReceiptKind>): string {
  return isKind(document, 'delivery') || isKind(document, 'acknowledgement') ? document.payload.order : document.id
}

/** The pull with this document in its place; what contradicts what is filed already is refused. */
function pullWith(x: Exchange, document: Parsed, { request, dataset }: { request: string; dataset: string }): PullRow {
  const pull = x.pulls.find(pullOf(document)) ?? { ...NOTHING_FILED, pull: pullOf(document), request, dataset }
  if (!(pull.request === request)) throw new Refusal('TERMS_MISMATCH', { rule: 'a pull belongs to one agreement' })
  const answered = pull.acknowledgement === null ? undefined : acknowledgedDelivery(x, pull.acknowledgement)
  if (isKind(document, 'acknowledgement')) return withAcknowledgement(pull, document, answered)
  const { payload } = document as ParsedDocument<'delivery' | 'pull-order'>
  if (!(payload.dataset === dataset)) throw new Refusal('TERMS_MISMATCH', { field: '/dataset', dataset })
  if (!isKind(document, 'delivery')) return { ...pull, version: payload.version, pullOrder: document.id }
  // One word of the owner on each pull: a second delivery would be a second truth.
  if (!(pull.delivery === null)) throw new Refusal('PULL_CLOSED', { delivery: pull.delivery })
  if (!(answered === undefined || answered === null || answered === document.id))
    throw new Refusal('TERMS_MISMATCH', { field: '/delivery', acknowledged: answered })
  return { ...pull, version: payload.version, delivery: document.id, bytes: document.payload.bytes }
}

const NOTHING_FILED = {
  version: null,
  pullOrder: null,
  delivery: null,
  acknowledgement: null,
  bytes: 0,
  counted: null,
  changed: 0,
} as const

/** Which delivery an acknowledgement answers; null: the order itself. */
function acknowledgedDelivery(x: Exchange, id: string): string | null {
  return parseDocument('acknowledgement', x.documents.get(id).text).payload.delivery
}

/** One acknowledgement; but one that had to answer the order gives way to one that answers the delivery. */
function withAcknowledgement(
  pull: PullRow,
  { id, payload }: ParsedDocument<'acknowledgement'>,
  answered: string | null | undefined,
): PullRow {
  if (!(payload.delivery === null || pull.delivery === null || payload.delivery === pull.delivery)) {
    throw new Refusal('TERMS_MISMATCH', { field: '/delivery', delivery: pull.delivery })
  }
  if (!(answered === undefined || (answered === null && payload.delivery !== null)))
    throw new Refusal('PULL_CLOSED', { acknowledgement: pull.acknowledgement })
  return { ...pull, acknowledgement: id, bytes: pull.delivery === null ? payload.bytes : pull.bytes }
}

/** Protocol 6.9: what is filed about the caller's own pulls, oldest change first, as texts. */
export function listReceipts(x: Exchange, member: string, since: number, limit: number): Page<ReceiptItem> {
  const rows = x.pulls.ofMember(member, since, limit)
  const textOf = (id: string | null) => (id === null ? null : x.documents.get(id).text)
  const items = rows.map(({ request, pullOrder, delivery, acknowledgement, counted: _counted, ...rest }) => {
    const agreement = x.agreements.findByRequest(request)
    return {
      ...rest,
      agreement: agreement?.agreement as string,
      role: agreement?.consumer === member ? ('consumer' as const) : ('owner' as const),
      order: textOf(pullOrder),
      delivery: textOf(delivery),
      acknowledgement: textOf(acknowledgement),
    }
  })
  return { items, next: rows.length < limit ? null : String(rows.at(-1)?.changed) }
}
