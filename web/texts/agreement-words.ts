import type { Cause, State } from '#schemas/transitions.ts'
import type { Tone } from '../components/words.ts'

interface Word {
  readonly zh: string
  readonly en: string
  readonly tone: Tone
}

/** States of an agreement as people call them; the names of the protocol stay in the documents. */
export const STATE_WORDS = {
  REQUESTED: { zh: '待提供方答复', en: 'Waits for the owner', tone: 'info' },
  OFFERED: { zh: '提供方已还价', en: 'Owner offered other terms', tone: 'info' },
  ACCEPTED: { zh: '申请方已接受还价', en: 'Offer accepted', tone: 'info' },
  AGREED: { zh: '提供方已同意', en: 'Owner signed', tone: 'info' },
  VERIFIED: { zh: '待共享中心审批', en: 'Waits for approval', tone: 'warn' },
  FINALIZED: { zh: '已生效', en: 'In force', tone: 'good' },
  SUSPENDED: { zh: '已暂停', en: 'Suspended', tone: 'warn' },
  TERMINATED: { zh: '已结束', en: 'Ended', tone: 'quiet' },
} as const satisfies Record<State, Word>

/** Why one ended. */
export const CAUSE_WORDS = {
  refused: { zh: '被拒绝', en: 'Refused' },
  withdrawn: { zh: '申请方撤回', en: 'Withdrawn' },
  terminated: { zh: '被终止', en: 'Terminated' },
  expired: { zh: '到期', en: 'Expired' },
  lapsed: { zh: '逾期未生效', en: 'Lapsed' },
} as const satisfies Record<Cause, { zh: string; en: string }>
