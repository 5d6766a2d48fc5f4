import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filings } from '../store/filings.ts'
import type { ServedPull, ServedPulls } from '../store/served-pulls.ts'
import type { ClosePull } from './close-pull.ts'
import { lookAgain } from './look-again.ts'
import { storeEvidence } from './store-evidence.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'keys' | 'commit' | 'journal' | 'refreshTrust' | 'pinPaper'> & {
  readonly servedPulls: ServedPulls
  readonly filings: Filings
  readonly closePull: ClosePull
}

/**
 * Protocol 6.8: the consumer's word on a pull. It may come late, so the signer must have been good when it signed; the
 * caller must be the same member. A pull still open is closed by it. The same text again has no second effect.
 */
export function createReceiveAcknowledgement({
  trust,
  keys,
  commit,
  journal,
  pinPaper,
  refreshTrust,
  servedPulls,
  filings,
  closePull,
}: Deps) {
  return async function receiveAcknowledgement(member: string, text: string, expectedPull?: string): Promise<void> {
    const document = parseDocument('acknowledgement', text)
    const { id, payload } = document
    trust.requireNet(payload.net)
    const pull = servedPulls.find(payload.order)
    if (pull === undefined || pull.consumer !== member) throw new Refusal('PULL_UNKNOWN', { pull: payload.order })
    if (!(expectedPull === undefined || expectedPull === pull.pull))
      throw new Refusal('PULL_UNKNOWN', { pull: expectedPull })
    if (pull.acknowledgement === id) return
    const signature = onlySignature(document)
    const signer = await lookAgain(refreshTrust, () => keys.member(signature.thumbprint, payload.iat))
    if (!(signer.member === member)) throw new Refusal('MEMBER_MISMATCH', { signer: signer.member })
    verifySignature(signature, signer.publicKey)
    if (!(payload.agreement === pull.agreement && payload.manifest === pull.manifest))
      throw new Refusal('MANIFEST_MISMATCH', { pull: pull.pull })
    requireNotBefore(pull, payload.iat)
    if (pull.closed === null) await closePull(pull.pull, 'asked')
    await storeEvidence(commit, () => store(document, pull))
  }

  /** Nobody answers an order before giving it. */
  function requireNotBefore({ order_text }: ServedPull, iat: number): void {
    const ordered = parseDocument('pull-order', order_text).payload.iat
    if (!(iat >= ordered - trust.limits().clockSkewSeconds))
      throw new Refusal('CLOCK_SKEW', { acknowledged: iat, ordered })
  }

  function store({ id, text, payload }: ParsedDocument<'acknowledgement'>, { pull, consumer }: ServedPull): void {
    const { jti, delivery, outcome } = payload
    const now = servedPulls.find(pull)
    if (now?.acknowledgement === id) return
    // An answer to the order itself is good too: the consumer may never have seen our delivery.
    if (!(delivery === null || delivery === now?.delivery))
      throw new Refusal('MANIFEST_MISMATCH', { rule: 'the acknowledgement answers our delivery' })
    if (!(servedPulls.findJti(consumer, jti) === undefined)) throw new Refusal('REPLAYED', { jti })
    if (!servedPulls.acknowledge(pull, { id, text }, outcome))
      throw new Refusal('PULL_CLOSED', { rule: 'acknowledged before', acknowledgement: now?.acknowledgement })
    servedPulls.addJti(consumer, jti, id)
    journal.append('acknowledgement', id)
    pinPaper(text)
    filings.add('acknowledgement', { id, text })
  }
}
