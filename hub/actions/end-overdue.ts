import type { Exchange } from '../exchange.ts'
import { endAgreement } from './change-agreement.ts'

/**
 * Agreements whose time has come end: past `until` (expired), or not final 30 days after the first signature (lapsed).
 * By timer, and before states are read, so that nobody is shown a right that has run out.
 */
export async function endOverdue(x: Exchange): Promise<void> {
  // Looked up outside first: most of the time there is none, and reading needs no transaction.
  while (x.agreements.overdue(x.clock.now()).length > 0) {
    await x.commit(() => {
      for (const row of x.agreements.overdue(x.clock.now())) endOne(x, row)
    })
    await x.published()
  }
}

function endOne(x: Exchange, row: ReturnType<Exchange['agreements']['overdue']>[number]): void {
  const final = row.state === 'FINALIZED' || row.state === 'SUSPENDED'
  const mover = row.agreement === null ? { kind: 'request', id: row.request } : { kind: 'agreement', id: row.agreement }
  const how = final
    ? ({ message: 'expire', cause: 'expired' } as const)
    : ({ message: 'lapse', cause: 'lapsed' } as const)
  endAgreement(x, row, mover, { ...how, endedBy: null })
}
