import type { Directory, StatusListDocument } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { decodeStatusList, findUnrevoked, type StatusBits } from '#schemas/status-list.ts'
import { endAlarm, raiseAlarm } from './raise-alarm.ts'
import type { Office } from './sign-statement.ts'

/** `known`: says nothing that this hub does not say itself. */
export interface Reminded {
  readonly state: 'known' | 'taken'
}

/**
 * Protocol 2.7: a status list that this hub has signed and lost, since it goes on from a backup. Revocations in it are
 * final, so they are taken over before the answer; numbers go on from it. Only our own signature counts, whoever brings it.
 */
export async function takeStatusReminder(r: Office, text: string): Promise<Reminded> {
  const { payload } = r.trust.verifyHub('status', text)
  const own = r.trust.status()
  if (own === undefined) throw new Refusal('STATUS_STALE')
  const list = decodeStatusList(payload.status_list.lst, payload.regions)
  const lost = findUnrevoked(list, own.bits)
  if (lost.length === 0 && payload.version <= own.payload.version) return { state: 'known' }
  await r.commit(() => {
    keepVersion(r, 'status', payload)
    if (lost.length > 0) takeOver(r, list, lost, payload.iat)
  })
  await r.published()
  return { state: 'taken' }
}

/** Likewise of a directory: only its number counts, what it said is the register's to say. */
export async function takeDirectoryReminder(r: Office, text: string): Promise<Reminded> {
  const { payload } = r.trust.verifyHub('directory', text)
  if (payload.version <= (r.trust.directory()?.payload.version ?? 0)) return { state: 'known' }
  await r.commit(() => keepVersion(r, 'directory', payload))
  await r.published()
  return { state: 'taken' }
}

function keepVersion(r: Office, of: 'directory' | 'status', { version }: Directory | StatusListDocument): void {
  const name = `lost-${of}` as const
  if (version > Number(r.facts.find(name) ?? 0)) r.facts.set(name, String(version))
  r.due[of] = true
}

function takeOver(r: Office, list: StatusBits, lost: readonly number[], iat: number): void {
  r.places.revokeLost(list, lost, iat)
  const alarm = ['REVOCATIONS_LOST', r.trust.net] as const
  // One that stands is raised anew, with the number of this time.
  endAlarm(r, ...alarm)
  raiseAlarm(r, ...alarm, {
    zh: `从备份恢复的中心缺少 ${lost.length} 项吊销或终止，已按成员保存的旧状态列表补上；请核对并重新作出决定`,
    en: `This hub, restored from a backup, lacked ${lost.length} revocations or terminations; they were taken over from a list that members kept. Check them and decide again`,
  })
}
