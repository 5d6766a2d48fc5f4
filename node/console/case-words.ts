import { badge } from '#web/components/words.ts'
import type { Html } from '#web/pages/html.ts'
import { pick, type Say } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import { CAUSE_WORDS, STATE_WORDS } from '#web/texts/agreement-words.ts'
import type { ShownCase } from '../actions/show-case.ts'
import type { Story } from '../store/stories.ts'

/** Is it our turn? What the node signs by itself waits for nobody. */
export function waitsForUs({ consumer, owners, path, state, signers }: Story, member: string): boolean {
  if (consumer === member) return state === 'OFFERED'
  if (!owners.includes(member) || path === 'unconditional' || signers[member] !== undefined) return false
  return state === 'REQUESTED' || (state === 'ACCEPTED' && owners.length > 1)
}

/** Where a case stands, as a mark; an ended one says why. */
export function caseBadge({ lang, t }: Visit, { state, cause }: Pick<Story, 'state' | 'cause'>): Html {
  const { zh, en, tone } = STATE_WORDS[state]
  if (state === 'TERMINATED' && cause !== null)
    return badge(cause === 'refused' ? 'bad' : 'quiet', pick(lang, CAUSE_WORDS[cause]))
  return badge(tone, t(zh, en))
}

/** What comes next and who must act, in a sentence; undefined where nothing is awaited. */
export function nextStep(visit: Visit, found: ShownCase, member: string): string | undefined {
  return found.role === 'owner' ? nextForOwner(visit, found, member) : nextForConsumer(visit, found)
}

function nextForOwner({ t }: Visit, found: ShownCase, member: string): string | undefined {
  const { state, path, signed, owners } = found
  if (state === 'REQUESTED' && path === 'unconditional')
    return t('申请方的节点会自动签署协议', "The applicant's node signs by itself")
  if (state === 'REQUESTED' && signed.includes(member))
    return t('本单位已签署，等待其他提供方', 'Signed by us; the other owners have yet to sign')
  if (state === 'REQUESTED')
    return t('等本单位答复：同意、提出其他条款，或拒绝', 'Our turn: consent, offer other terms, or refuse')
  if (state === 'OFFERED')
    return found.lastBy === member
      ? t('等申请方答复本单位提出的条款', 'The applicant has yet to answer our terms')
      : t(
          '另一提供方提出了其他条款，等申请方答复',
          'Another owner offered other terms; the applicant has yet to answer',
        )
  if (state === 'ACCEPTED')
    return owners.length > 1
      ? t('申请方已接受条款，等各提供方签署', 'Accepted; the owners have yet to sign')
      : t('申请方已接受条款，本节点会自动签署', 'Accepted; this node signs by itself')
  return nextForBoth(t, found)
}

function nextForConsumer({ t }: Visit, found: ShownCase): string | undefined {
  const { state, path, lastBy, consumer } = found
  if (state === 'REQUESTED')
    return path === 'unconditional'
      ? t('本节点会自动签署协议', 'This node signs by itself')
      : t('等提供方答复', 'The owner has yet to answer')
  if (state === 'OFFERED' && lastBy !== consumer)
    return t('提供方提出了其他条款，等本单位答复', 'The owner offered other terms: our turn to answer')
  if (state === 'ACCEPTED') return t('等提供方签署', 'The owner has yet to sign')
  return nextForBoth(t, found)
}

function nextForBoth(t: Say, { state, role }: ShownCase): string | undefined {
  if (state === 'AGREED')
    return role === 'consumer'
      ? t('提供方已签署，本节点会自动会签', 'Signed by the owner; this node signs by itself')
      : t('等申请方的节点会签', "The applicant's node has yet to sign")
  if (state === 'VERIFIED') return t('双方都已签署，等共享中心审批', 'Signed by both sides; the hub has yet to approve')
  return undefined
}
