import { toRfc3339 } from '#schemas/clock.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { Alarms } from '#schemas/storage/alarms.ts'

/** `hanghui node alarms`: what stands, oldest first; `since` is RFC 3339. */
export function listAlarms(
  alarms: Alarms,
): { id: string; kind: string; subject: string; since: string; summary: Text }[] {
  return alarms.standing().map((row) => ({ ...row, since: toRfc3339(row.since) }))
}
