import { isRefusal } from '#schemas/refusal.ts'
import { checkDatabase } from '#schemas/storage/open-database.ts'
import { areCrlsDue, refreshCrls } from './keep-crls.ts'
import { type FetchCrl, pollExternalCrls } from './poll-external-crls.ts'
import { draftRoot, findProposal, findRootAuthority, isWornOut, proposeRoot } from './propose-root.ts'
import type { Publisher } from './publish-trust.ts'
import { raiseAlarm } from './raise-alarm.ts'
import type { Office } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'
import { watchEnds } from './watch-ends.ts'

const HOUR = 3_600
const DAY = 86_400

export interface MaintenanceDeps {
  readonly publisher: Publisher
  /** Takes a new TLS certificate into the listeners when one is due. */
  readonly renewTls: () => Promise<void>
  readonly fetchCrl: FetchCrl
}

/** Work that time alone brings. */
export function createMaintenance(r: Office, { publisher, renewTls, fetchCrl }: MaintenanceDeps) {
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
        await checkStorage()
      }
    },
  }

  async function hourly(): Promise<void> {
    await watchEnds(r)
    await renewTls()
    if (areCrlsDue(r)) await refreshCrls(r)
    await dropWornOut()
    await pollExternalCrls(r, fetchCrl)
  }

  /** Damage that grows unseen takes the backups with it. */
  async function checkStorage(): Promise<void> {
    try {
      checkDatabase(r.db)
    } catch (error) {
      if (!isRefusal(error, 'DATABASE_DAMAGED')) throw error
      r.log.fatal({ err: error }, 'the database is damaged')
      await r.commit(() =>
        raiseAlarm(r, 'DATABASE_DAMAGED', 'hub.db', {
          zh: '数据库校验失败；请停机并用 restore 恢复备份',
          en: 'The database fails its check; stop the hub and restore a backup',
        }),
      )
    }
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
