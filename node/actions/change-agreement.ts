import type { Clock } from '#schemas/clock.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Payload } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import { nextState, runningState } from '#schemas/transitions.ts'
import type { Trust } from '#schemas/trust.ts'
import type { PaperRow, Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'
import type { StrandedChanges } from '../store/stranded-changes.ts'
import { type Delivery, isOnItsWay } from './deliver-documents.ts'
import type { RaiseAlarm } from './raise-alarm.ts'
import type { InTurn } from './take-turns.ts'

type Change = Payload<'agreement-change'>['change']

/** What our changes of agreements need. */
export interface ChangeDeps {
  readonly member: string
  readonly trust: Trust
  readonly clock: Clock
  readonly signer: () => Signer
  readonly journal: Journal
  readonly stories: Stories
  readonly papers: Papers
  readonly stranded: StrandedChanges
  readonly keepPaper: (row: PaperRow) => void
  readonly delivery: Pick<Delivery, 'post'>
  readonly inTurn: InTurn
  readonly readOne: (request: string) => Promise<Story | undefined>
  /** Ours by a unique prefix of the agreement's id; AGREEMENT_UNKNOWN, AMBIGUOUS_ID. */
  readonly findAgreement: (typed: string) => Promise<Story>
  /** After a story of ours has another state. */
  readonly learn: (story: Story) => void
  readonly raiseAlarm: RaiseAlarm
}

/** What `suspend`, `resume` and `terminate` print. */
export interface Changed {
  readonly id: string
  readonly state: string
  readonly suspendedBy: readonly string[]
}

/**
 * Protocol 5.7: our change of an agreement, obeyed here in the transaction that signs it, and on its way to the hub. `certificate`
 * (hex, or a prefix) names the other side's new signing certificate after its keys were lost.
 */
export function createChangeAgreement(deps: ChangeDeps) {
  return async (change: Change, typed: string, reason: string, certificate?: string): Promise<Changed> => {
    const { request } = await deps.findAgreement(typed)
    return deps.inTurn(request, async () => {
      try {
        return await makeChange(deps, request, change, reason, certificate)
      } catch (error) {
        if (!isRefusal(error, 'CHANGE_NOT_NEXT')) throw error
        // The hub knows changes of ours that this node does not (a restored backup): on top of these.
        await deps.readOne(request)
        return makeChange(deps, request, change, reason, certificate)
      }
    })
  }
}

/**
 * Stops of ours that the hub refused are said again on top of what it knows of us (a restored backup lacked it). Where it knows
 * nothing that ours should have followed, it refuses without a reason we can mend: our word stands here, and people are told.
 */
export function createMendChanges(deps: ChangeDeps) {
  return async (): Promise<void> => {
    const requests = new Set(deps.stranded.list().map((id) => deps.papers.find(id)?.story))
    for (const request of requests) if (request != null) await deps.inTurn(request, () => mend(deps, request))
  }
}

async function mend(deps: ChangeDeps, request: string): Promise<void> {
  const story = await deps.readOne(request)
  const row = strandedOf(deps, request).at(-1)
  if (story === undefined || row === undefined) return
  const { payload, signatures } = parseDocument('agreement-change', row.text)
  const { change, reason, previous } = payload
  // One that our certificate did not outlive on its way was not refused for what it says.
  const outlived = signatures[0]?.thumbprint !== deps.signer().thumbprint
  if (outlived || previous !== lastChange(deps, story))
    return void (await makeChange(deps, request, change, reason, undefined))
  await deps.raiseAlarm('CHANGE_REFUSED', row.id, {
    zh: `共享中心拒绝了本节点对协议 ${story.agreement} 的变更；本节点仍按该变更执行`,
    en: `The hub refused a change of agreement ${story.agreement}; this node keeps to it all the same`,
  })
}

function strandedOf({ stranded, papers }: ChangeDeps, request: string): PaperRow[] {
  return papers.ofStory(request).filter(({ id }) => stranded.has(id))
}

async function makeChange(
  deps: ChangeDeps,
  request: string,
  change: Change,
  reason: string,
  certificate: string | undefined,
): Promise<Changed> {
  const story = deps.stories.find(request)
  if (story === undefined || story.agreement === null) throw new Refusal('AGREEMENT_UNKNOWN', { request })
  const { agreement } = story
  const named = certificate === undefined ? undefined : findCertificate(deps, story, certificate)
  const before = strandedOf(deps, request)
  const again = before.some(({ text }) => parseDocument('agreement-change', text).payload.change === change)
  const after = again && change !== 'resume' ? story : apply(story, change, deps.member, named)
  const payload = {
    net: deps.trust.net,
    jti: newJti(),
    iat: deps.clock.now(),
    agreement,
    change,
    reason,
    previous: lastChange(deps, story),
    ...(named === undefined ? {} : { certificate: named.thumbprint }),
  }
  const text = signDocument('agreement-change', payload, deps.signer())
  const { id } = parseDocument('agreement-change', text)
  const parcel = {
    lane: `request:${request}`,
    path: `/v1/agreements/${agreement}/changes`,
    field: 'change',
    kind: 'agreement-change',
    document: id,
    text,
  } as const
  const sent = deps.delivery.post(parcel, () => {
    deps.keepPaper({ id, kind: 'agreement-change', story: request, signer: deps.member, iat: payload.iat, text })
    for (const row of before) {
      deps.papers.drop(row.id)
      deps.stranded.drop(row.id)
    }
    deps.stories.save(after)
    // After the transaction, whatever became of it.
    queueMicrotask(() => deps.learn(deps.stories.find(request) ?? after))
  })
  try {
    await sent
    await deps.readOne(request)
  } catch (error) {
    if (!isOnItsWay(error)) throw error
  }
  const now = deps.stories.find(request) ?? after
  return { id: agreement, state: now.state, suspendedBy: now.suspendedBy }
}

/** Each party lifts only its own suspension; terminated is final. TRANSITION_REFUSED. */
function apply(
  story: Story,
  change: Change,
  member: string,
  named: { readonly member: string; readonly thumbprint: string } | undefined,
): Story {
  if (change === 'terminate')
    return {
      ...story,
      state: nextState(story.state, 'terminate'),
      cause: 'terminated',
      endedBy: member,
      suspendedBy: [],
    }
  if (change === 'suspend') {
    const suspendedBy = [...new Set([...story.suspendedBy, member])].sort()
    return { ...story, state: nextState(story.state, 'suspend'), suspendedBy }
  }
  if (!(story.suspendedBy.includes(member) || named !== undefined))
    throw new Refusal('TRANSITION_REFUSED', {
      state: story.state,
      message: 'resume',
      rule: 'each party lifts its own suspension',
      suspendedBy: story.suspendedBy,
    })
  if (!(story.state === 'SUSPENDED' || story.state === 'FINALIZED')) nextState(story.state, 'resume')
  const suspendedBy = story.suspendedBy.filter((party) => party !== member)
  const signers = named === undefined ? story.signers : { ...story.signers, [named.member]: named.thumbprint }
  return { ...story, suspendedBy, signers, state: runningState(new Set(suspendedBy)) }
}

/** The newest of our own chain; the agreement itself before the first. */
function lastChange({ papers, member, stranded }: ChangeDeps, { request, agreement }: Story): string {
  const own = papers
    .ofStory(request)
    .filter(({ kind, signer, id }) => kind === 'agreement-change' && signer === member && !stranded.has(id))
    .map(({ id, text }) => ({ id, previous: parseDocument('agreement-change', text).payload.previous }))
  let last = agreement as string
  for (let step = 0; step < own.length; step++) last = own.find(({ previous }) => previous === last)?.id ?? last
  return last
}

/** A signing certificate of the other side that counts now; CERTIFICATE_UNREGISTERED, AMBIGUOUS_ID. */
function findCertificate(
  { trust, member }: ChangeDeps,
  { consumer, owners }: Story,
  typed: string,
): { member: string; thumbprint: string } {
  const others = [consumer, ...owners].filter((party) => party !== member)
  const found = others.flatMap((party) =>
    (trust.findMember(party)?.certificates ?? [])
      .filter(({ use, thumbprint }) => use === 'signing' && thumbprint.startsWith(typed))
      .map(({ thumbprint }) => ({ member: party, thumbprint })),
  )
  const [first, ...more] = /^[0-9a-f]{8,64}$/.test(typed) ? found : []
  if (first === undefined) throw new Refusal('CERTIFICATE_UNREGISTERED', { certificate: typed })
  if (more.length > 0) throw new Refusal('AMBIGUOUS_ID', { id: typed })
  trust.requireCertificate(first.thumbprint, 'signing')
  return first
}
