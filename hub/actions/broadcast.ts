import type { Journal, JournalRow } from '#schemas/storage/journal.ts'
import type { Audience } from '../deps.ts'

/** A member's open event stream. */
export interface Listener {
  readonly member: string
  send(event: string, data: object): void
  /** Ends the stream unless its certificate is still good. */
  check(): void
}

export interface BroadcastDeps {
  readonly journal: Pick<Journal, 'after' | 'newest'>
  /** Undefined for a row that nobody knows: then nobody hears of it. */
  readonly audienceOf: (row: JournalRow) => Audience | undefined
  /** Numbers of the newest lists. */
  readonly versionOf: (kind: 'root' | 'directory' | 'status') => number
}

const LISTS = ['root', 'directory', 'status'] as const
const ROWS_AT_ONCE = 500

/** Protocol 2.6, 8: events are read out of the journal, so nothing is announced that was not committed. */
export type Broadcast = ReturnType<typeof createBroadcast>

export function createBroadcast({ journal, audienceOf, versionOf }: BroadcastDeps) {
  const listeners = new Set<Listener>()
  let position = journal.newest()

  function tell(row: JournalRow): void {
    const list = LISTS.find((kind) => kind === row.kind)
    if (list !== undefined) {
      everyone(list, { version: versionOf(list) })
      return
    }
    const audience = audienceOf(row) ?? 'none'
    if (audience === 'none') return
    if (audience === 'everyone') {
      everyone('catalog', { version: row.seq })
      return
    }
    for (const listener of listeners) {
      if (audience.includes(listener.member)) listener.send('document', { id: row.hash, kind: row.kind })
    }
  }

  function everyone(event: string, data: object): void {
    for (const listener of listeners) listener.send(event, data)
  }

  return {
    /** After each commit: tells what is new. */
    pump(): void {
      for (;;) {
        const rows = journal.after(position, ROWS_AT_ONCE)
        for (const row of rows) {
          position = row.seq
          tell(row)
        }
        if (rows.length < ROWS_AT_ONCE) return
      }
    },
    /** First the numbers of the lists, so that what was missed is caught up with. Returns how to leave. */
    join(listener: Listener): () => void {
      listeners.add(listener)
      for (const list of LISTS) listener.send(list, { version: versionOf(list) })
      return () => void listeners.delete(listener)
    },
    /** A newer directory or status list counts: whoever lost its right hears nothing more. */
    check(): void {
      for (const listener of [...listeners]) listener.check()
    },
    countOf: (member: string): number => [...listeners].filter((one) => one.member === member).length,
  }
}
