import { closed, MEMBER } from '#schemas/shapes.ts'
import { STATES } from '#schemas/transitions.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import type { Exchange } from '../exchange.ts'
import { listAgreements, showAgreement } from './show-agreement.ts'

const ONE = closed({ id: { type: 'string', minLength: 1, maxLength: 128 } }, ['id'])
const LIST = closed(
  {
    state: { type: 'string', enum: STATES },
    member: MEMBER,
    before: { type: 'integer', minimum: 1 },
    limit: { type: 'integer', minimum: 1, maximum: 200 },
  },
  [],
)
const PAGE = 50

/** What the operators' console reads of the exchange. */
export function showingExchange(x: Exchange): Actions {
  return {
    'agreement-show': action(ONE, ({ id }) => showAgreement(x, id)),
    'agreement-list': action(LIST, ({ limit = PAGE, ...query }) => listAgreements(x, { ...query, limit })),
  }
}
