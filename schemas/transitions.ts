import { Refusal } from './refusal.ts'

/** States of an agreement: the names of the Dataspace Protocol, and SUSPENDED, which is ours. */
export const STATES = [
  'REQUESTED',
  'OFFERED',
  'ACCEPTED',
  'AGREED',
  'VERIFIED',
  'FINALIZED',
  'SUSPENDED',
  'TERMINATED',
] as const
export type State = (typeof STATES)[number]

/** What can happen to it. `owner-signs` is the last owner's signature; an earlier one of several changes no state. */
export const MESSAGES = [
  'offer',
  'counter-request',
  'accept',
  'owner-signs',
  'consumer-signs',
  'consumer-takes-offer',
  'finalise',
  'suspend',
  'resume',
  'terminate',
  'refuse',
  'expire',
  'lapse',
] as const
export type Message = (typeof MESSAGES)[number]

/**
 * The whole life of an agreement, one row per state (architecture, Documents). What is not listed is refused.
 * `consumer-takes-offer` is the unconditional path: the consumer signs under the owner's standing offer.
 */
export const TRANSITIONS: { readonly [S in State]: { readonly [M in Message]?: State } } = {
  REQUESTED: {
    offer: 'OFFERED',
    'owner-signs': 'AGREED',
    'consumer-takes-offer': 'VERIFIED',
    terminate: 'TERMINATED',
    refuse: 'TERMINATED',
    lapse: 'TERMINATED',
  },
  OFFERED: {
    offer: 'OFFERED',
    'counter-request': 'REQUESTED',
    accept: 'ACCEPTED',
    terminate: 'TERMINATED',
    refuse: 'TERMINATED',
    lapse: 'TERMINATED',
  },
  ACCEPTED: { 'owner-signs': 'AGREED', terminate: 'TERMINATED', refuse: 'TERMINATED', lapse: 'TERMINATED' },
  AGREED: { 'consumer-signs': 'VERIFIED', terminate: 'TERMINATED', refuse: 'TERMINATED', lapse: 'TERMINATED' },
  VERIFIED: { finalise: 'FINALIZED', terminate: 'TERMINATED', refuse: 'TERMINATED', lapse: 'TERMINATED' },
  FINALIZED: { suspend: 'SUSPENDED', terminate: 'TERMINATED', expire: 'TERMINATED' },
  SUSPENDED: { suspend: 'SUSPENDED', resume: 'FINALIZED', terminate: 'TERMINATED', expire: 'TERMINATED' },
  TERMINATED: {},
}

/** Why an agreement ended; kept beside TERMINATED and shown to both parties. */
export const CAUSES = ['refused', 'withdrawn', 'terminated', 'expired', 'lapsed'] as const
export type Cause = (typeof CAUSES)[number]

/** The next state, or TRANSITION_REFUSED naming both. Pure. */
export function nextState(state: State, message: Message): State {
  const next = TRANSITIONS[state][message]
  if (next === undefined) {
    throw new Refusal('TRANSITION_REFUSED', {
      state,
      message,
      rule: `${state} × ${message}`,
      detail: { zh: `状态 ${state} 下不能执行 ${message}`, en: `${message} is not possible in state ${state}` },
    })
  }
  return next
}

/** Who holds a suspension: each lifts only its own, and the agreement runs when none stands. */
export type Party = 'consumer' | 'owner' | 'hub'

/** The state of a finalised agreement under the suspensions that stand. */
export function runningState(suspendedBy: ReadonlySet<string>): State {
  return suspendedBy.size === 0 ? 'FINALIZED' : 'SUSPENDED'
}
