import type { Text } from '#schemas/refusals/entry.ts'
import type { Registry } from '../registry.ts'

/** Something for people to look at; stands once per kind and subject. Inside a transaction. */
export function raiseAlarm(
  r: Pick<Registry, 'alarms' | 'clock' | 'facts' | 'log'>,
  kind: string,
  subject: string,
  summary: Text,
): void {
  const since = r.clock.now()
  const id = r.alarms.raise({ kind, subject, since, summary })
  if (id === undefined) return
  r.log.warn({ alarm: kind, subject }, summary.en)
  r.facts.record('alarm', { id, kind, subject, since, summary })
}

/** The reason is gone. Inside a transaction. */
export function endAlarm(r: Pick<Registry, 'alarms' | 'clock' | 'facts'>, kind: string, subject: string): void {
  const at = r.clock.now()
  const summary = r.alarms.end(kind, subject, at)
  if (summary !== undefined) r.facts.record('alarm-ended', { kind, subject, at, summary })
}
