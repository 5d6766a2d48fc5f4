import { closed, FILE_PATH, REASON } from '#schemas/shapes.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import { listAgreements, listRequests } from './actions/list-stories.ts'
import type { Negotiation } from './actions/negotiate.ts'
import type { createChanges } from './actions/settle-change.ts'

interface Parts {
  readonly negotiation: Negotiation
  readonly changes: Pick<ReturnType<typeof createChanges>, 'change'>
  readonly listing: Parameters<typeof listRequests>[0] & Parameters<typeof listAgreements>[0]
}

const ID = { type: 'string', minLength: 1, maxLength: 64 } as const
const TEXT = { type: 'string', maxLength: 1_000 } as const
const TERMS = {
  purpose: TEXT,
  until: TEXT,
  pulls: { type: 'integer', minimum: 1, maximum: 4_294_967_295 },
  files: { type: 'array', items: FILE_PATH, minItems: 1, maxItems: 200 },
} as const

/** What the command line and the pages may ask on the way from wish to right. */
export function agreeingActions({ negotiation, changes, listing }: Parts) {
  const one = closed({ request: ID, words: ID }, ['request'])
  const changing = closed({ agreement: ID, reason: REASON, certificate: ID }, ['agreement', 'reason'])
  return {
    request: action(
      closed({ dataset: { type: 'string', maxLength: 100 }, ...TERMS }, ['dataset', 'purpose']),
      ({ dataset, ...typed }) => negotiation.request(dataset, typed),
    ),
    requests: action(closed({ incoming: { type: 'boolean' }, outgoing: { type: 'boolean' } }, []), (which) =>
      listRequests(listing, which),
    ),
    consent: action(one, ({ request, words }) => negotiation.consent(request, words)),
    accept: action(one, ({ request, words }) => negotiation.accept(request, words)),
    refuse: action(closed({ request: ID, reason: REASON }, ['request', 'reason']), ({ request, reason }) =>
      negotiation.refuse(request, reason),
    ),
    counter: action(
      closed({ request: ID, ...TERMS, reason: { type: 'string', maxLength: 2_000 } }, ['request']),
      ({ request, reason, ...typed }) => negotiation.counter(request, typed, reason ?? ''),
    ),
    agreements: action(closed({ id: ID, proofs: { type: 'boolean' } }, []), ({ id, proofs }) =>
      listAgreements(listing, id, proofs === true),
    ),
    suspend: action(changing, ({ agreement, reason }) => changes.change('suspend', agreement, reason)),
    resume: action(changing, ({ agreement, reason, certificate }) =>
      changes.change('resume', agreement, reason, certificate),
    ),
    terminate: action(changing, ({ agreement, reason }) => changes.change('terminate', agreement, reason)),
  } satisfies Actions
}
