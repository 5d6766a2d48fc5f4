import { parseDocument } from '#schemas/document.ts'
import type { Payload } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { runningState } from '#schemas/transitions.ts'
import type { VerifiedAgreement } from '#schemas/verify-agreement.ts'
import type { PaperRow } from '../store/papers.ts'
import type { Story } from '../store/stories.ts'
import type { Item } from './story-item.ts'

/** What the changes of an agreement amount to. Parties are members, or `hub`. */
export interface Standing {
  readonly suspendedBy: ReadonlySet<string>
  readonly endedBy: string | undefined
  /** Member → certificate it signed with, or that the other side's newest `resume` named. */
  readonly signers: ReadonlyMap<string, string>
  /** Who has spoken at all: of these the documents say more than the hub's list does. */
  readonly spoken: ReadonlySet<string>
}

type Change = Payload<'agreement-change'>

/**
 * Each party's changes form a chain from the agreement on; its last one counts. CHANGE_NOT_NEXT where a link is missing.
 * `stranded`: words of ours that stop it and that the hub refused; they stand beside the chain.
 */
export function standingOf(
  agreement: VerifiedAgreement,
  rows: readonly PaperRow[],
  stranded: readonly PaperRow[],
  findMember: (thumbprint: string) => string | undefined,
): Standing {
  const changes = rows.map((row) => ({
    signer: row.signer,
    id: row.id,
    payload: parseDocument('agreement-change', row.text).payload,
  }))
  const suspendedBy = new Set<string>()
  let endedBy: string | undefined
  const spoken = new Set(changes.map(({ signer }) => signer))
  for (const signer of spoken) {
    const last = lastOf(
      changes.filter((one) => one.signer === signer),
      agreement.id,
    )
    if (last.change === 'terminate') endedBy = signer
    else if (last.change === 'suspend') suspendedBy.add(signer)
  }
  for (const { signer, text } of stranded) {
    spoken.add(signer)
    if (parseDocument('agreement-change', text).payload.change === 'terminate') endedBy = signer
    else suspendedBy.add(signer)
  }
  return { suspendedBy, endedBy, signers: namedSigners(agreement, changes, findMember), spoken }
}

function lastOf(chain: readonly { readonly id: string; readonly payload: Change }[], agreement: string): Change {
  let [previous, last]: [string, Change | undefined] = [agreement, undefined]
  for (let step = 0; step < chain.length; step++) {
    const next = chain.find(({ payload }) => payload.previous === previous)
    // Replayed or left out: an old `resume` must not stand for the newest word.
    if (next === undefined || next.payload.agreement !== agreement)
      throw new Refusal('CHANGE_NOT_NEXT', { last: previous })
    previous = next.id
    last = next.payload
  }
  return last as Change
}

/** Contract, Key continuity: a new line of keys counts on the word of the other side; the hub has no say in it. */
function namedSigners(
  { signers, payload }: VerifiedAgreement,
  changes: readonly { readonly signer: string; readonly payload: Change }[],
  findMember: (thumbprint: string) => string | undefined,
): Map<string, string> {
  const named = new Map(signers)
  const naming = changes
    .filter((one) => one.signer !== 'hub' && one.payload.change === 'resume')
    .toSorted((a, b) => a.payload.iat - b.payload.iat)
  for (const { signer, payload: change } of naming) {
    if (change.certificate === undefined) continue
    const member = findMember(change.certificate)
    const isOther =
      member !== undefined &&
      (signer === payload.consumer ? payload.owners.includes(member) : member === payload.consumer)
    if (isOther) named.set(member, change.certificate)
  }
  return named
}

interface Told {
  readonly item: Item
  readonly agreement: VerifiedAgreement | undefined
  readonly standing: Standing | undefined
  readonly known: Story | undefined
  readonly member: string
}

/** The state that follows from documents and the hub's word: whichever of the two takes more away. Terminated is final. */
export function settleStory({ item, agreement, standing, known, member }: Told): Story {
  const base = {
    request: item.request,
    agreement: item.agreement,
    dataset: item.dataset,
    consumer: item.consumer,
    owners: item.owners,
    path: item.path,
    until: item.until,
    signers: Object.fromEntries(standing?.signers ?? []),
    changed: item.changed,
    suspendedBy: [] as string[],
  }
  if (known?.state === 'TERMINATED') return { ...base, state: 'TERMINATED', cause: known.cause, endedBy: known.endedBy }
  if (standing?.endedBy !== undefined)
    return { ...base, state: 'TERMINATED', cause: 'terminated', endedBy: standing.endedBy }
  if (item.state === 'TERMINATED') return { ...base, state: 'TERMINATED', cause: item.cause, endedBy: null }
  const isFinal = agreement?.hub !== undefined
  if (!isFinal) {
    if (item.state === 'FINALIZED' || item.state === 'SUSPENDED')
      throw new Refusal('SIGNATURES_INCOMPLETE', {
        missing: 'hub',
        rule: 'what is final bears the signature of the hub',
      })
    return { ...base, state: item.state, cause: null, endedBy: null }
  }
  const claimed = item.suspendedBy.filter((party) => !(party === member && standing?.spoken.has(member)))
  const suspendedBy = [...new Set([...(standing?.suspendedBy ?? []), ...claimed])].sort()
  return { ...base, suspendedBy, state: runningState(new Set(suspendedBy)), cause: null, endedBy: null }
}

/** What stays of the hub's word where a document does not verify: it may stop things, not set them going. */
export function stopStory(known: Story, { state, cause, suspendedBy }: Item): Story {
  if (known.state === 'TERMINATED') return known
  if (state === 'TERMINATED') return { ...known, state, cause }
  const stops = known.state === 'FINALIZED' && state === 'SUSPENDED'
  return stops ? { ...known, state, suspendedBy: suspendedBy.length > 0 ? suspendedBy : ['hub'] } : known
}
