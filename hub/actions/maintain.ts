import { checkDatabase } from '#schemas/storage/open-database.ts'
import { areCrlsDue, refreshCrls } from './keep-crls.ts'
import { draftRoot, findProposal, findRootAuthority, isWornOut, proposeRoot } from './propose-root.ts'
import type { Publisher } from './publish-trust.ts'
import type { Office } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'
import { watchEnds } from './watch-ends.ts'

const HOUR = 3_600
const DAY = 86_400

/** Work that time alone brings. `renewTls` takes a new TLS certificate into the listeners when one is due. */
export function createMaintenance(r: Office, publisher: Publisher, renewTls: () => Promise<void>) {
  let last = r.clock.now()
  let hour = 0
  let day = r.clock.now()

  return {
    /** Every few seconds. */
    async tick(): Promise<void> {
      const now = r.clock.now()
      const ended = r.members.endedBetween(last, now)
      last = now
      if (ended.length > 0) await r.commit(() => alignAll(r, ended))
      await publisher.refreshed(false)
      if (now - hour >= HOUR) {
        hour = now
        await hourly()
      }
      if (now - day >= DAY) {
        day = now
        checkDatabase(r.db)
      }
    },
  }

  async function hourly(): Promise<void> {
    await watchEnds(r)
    await renewTls()
    if (areCrlsDue(r)) await refreshCrls(r)
    await dropWornOut()
  }

  /** Old online keys leave the root by themselves while its key lies here; else with the next ceremony. */
  async function dropWornOut(): Promise<void> {
    const due = r.trust.root().keys.some((key) => isWornOut(r, key))
    if (due && findProposal(r) === undefined && findRootAuthority(r) !== undefined)
      await proposeRoot(r, draftRoot(r), null)
  }
}

/** At start: what ended, or began to count, while nobody was running. */
export async function alignAffiliates(r: Office): Promise<void> {
  await r.commit(() => {
    const affiliates = r.members.all().filter((member) => member.class === 'affiliate')
    alignAll(
      r,
      affiliates.map(({ id }) => id),
    )
  })
}

function alignAll(r: Office, members: readonly string[]): void {
  for (const member of members) alignPlaces(r, member)
}
