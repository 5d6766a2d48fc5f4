import type { Clock } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { Alarms } from '#schemas/storage/alarms.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Logger } from '#web/serving/log.ts'

/** Something for people to look at; the same kind and subject stands once. */
export type RaiseAlarm = (kind: string, subject: string, summary: Text) => Promise<void>

export interface AlarmBell {
  readonly raise: RaiseAlarm
  readonly end: (kind: string, subject: string) => Promise<void>
}

interface Deps {
  readonly alarms: Alarms
  readonly clock: Clock
  readonly commit: Commit
  readonly journal: Journal
  readonly log: Logger
}

export function createAlarmBell({ alarms, clock, commit, journal, log }: Deps): AlarmBell {
  return {
    async raise(kind, subject, summary) {
      if (alarms.stands(kind, subject)) return
      log.error({ alarm: kind, subject }, summary.en)
      await commit(() => {
        const id = alarms.raise({ kind, subject, since: clock.now(), summary })
        if (id !== undefined) journal.append('alarm', sha256(`${kind} ${subject}`))
      })
    },
    async end(kind, subject) {
      if (alarms.stands(kind, subject)) await commit(() => alarms.end(kind, subject, clock.now()))
    },
  }
}
