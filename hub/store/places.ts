import { randomInt } from 'node:crypto'
import {
  firstRegion,
  STATUS_PLACES,
  STATUS_PLACES_MOST,
  type Status,
  type StatusBits,
  type StatusRegion,
} from '#schemas/status-list.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Facts } from './facts.ts'

/** The newest signed status list; `issued` is Unix seconds. */
export interface StatusRow {
  readonly version: number
  readonly id: string
  readonly text: string
  readonly issued: number
}

/** What the status list is made of. Trusted for one thing above all: a revoked place never comes back. */
export type Places = ReturnType<typeof createPlaces>

/** What a restored backup says of itself until its hub has begun. */
export function markRestored(db: OpenDatabase): void {
  db.prepare("INSERT INTO facts (name, value) VALUES ('restored', 'yes') ON CONFLICT DO NOTHING").run()
}

/** Over tables `places` and `status_list`; changes inside the caller's transaction, each told to `changed`. `now`: Unix seconds. */
export function createPlaces(db: OpenDatabase, facts: Facts, now: () => number, changed: () => void) {
  const count = db.prepare<[number], { taken: number }>('SELECT count(*) AS taken FROM places WHERE place >= ?')
  const insert = db.prepare<[number]>("INSERT INTO places (place, status) VALUES (?, 'good') ON CONFLICT DO NOTHING")
  const find = db.prepare<[number], { status: Status }>('SELECT status FROM places WHERE place = ?')
  const update = db.prepare<[Status, number]>("UPDATE places SET status = ? WHERE place = ? AND status <> 'revoked'")
  const revoke = db.prepare<[number]>(
    "INSERT INTO places (place, status) VALUES (?, 'revoked') ON CONFLICT (place) DO UPDATE SET status = 'revoked'",
  )
  const notGood = db.prepare<[], { place: number; status: Status }>(
    "SELECT place, status FROM places WHERE status <> 'good'",
  )
  const newest = db.prepare<[], StatusRow>('SELECT version, id, text, issued FROM status_list')
  const replace = db.prepare<[StatusRow]>(
    `INSERT INTO status_list (one, version, id, text, issued) VALUES (1, @version, @id, @text, @issued)
     ON CONFLICT (one) DO UPDATE SET version = excluded.version, id = excluded.id, text = excluded.text, issued = excluded.issued`,
  )

  const regions = (): readonly StatusRegion[] => JSON.parse(facts.find('places') ?? 'null') ?? [firstRegion()]
  const keep = (all: readonly StatusRegion[]): void => facts.set('places', JSON.stringify(all))
  const newestRegion = (): StatusRegion => regions().at(-1) as StatusRegion

  /**
   * Where places are given from now on. A region begins at a number made of the second of its opening, so that a hub
   * restored from a backup never meets one that was opened, and given places of, after that backup.
   */
  function openRegion(): void {
    const all = regions()
    if (!((all.length + 1) * STATUS_PLACES <= STATUS_PLACES_MOST)) throw new Error('the status list is full')
    const { from, places } = newestRegion()
    keep([...all, { from: Math.max(from + places, now() * STATUS_PLACES), places: STATUS_PLACES }])
    changed()
  }

  /** Half of a region stays free: random places are found at once and tell nothing by their neighbours. */
  function roomyRegion(): StatusRegion {
    const newest = newestRegion()
    const { taken } = count.get(newest.from) as { taken: number }
    if (taken * 2 < newest.places) return newest
    openRegion()
    return newestRegion()
  }

  return {
    regions,
    /** A random place that was never given before, good. */
    allocate(): number {
      const { from, places } = roomyRegion()
      for (;;) {
        const place = from + randomInt(places)
        if (insert.run(place).changes === 1) {
          changed()
          return place
        }
      }
    },
    /** At the first start out of a backup: whatever was given after it is left alone for ever. */
    leaveRestored(): void {
      if (facts.find('restored') === undefined) return
      openRegion()
      facts.drop('restored')
    },
    /**
     * Revocations out of a list that this hub signed at `iat` and then lost. Who lost those has also lost places it gave:
     * none are given any more where that list's hub gave them.
     */
    revokeLost(list: StatusBits, lost: readonly number[], iat: number): void {
      if (!(newestRegion().from > iat * STATUS_PLACES)) openRegion()
      const own = regions()
      const foreign = list.regions.filter(({ from }) => !own.some((one) => one.from === from))
      if (foreign.length > 0) keep([...own, ...foreign].sort((one, other) => one.from - other.from))
      for (const place of lost) revoke.run(place)
      changed()
    },
    /** Revoked is final: setting anything else on such a place changes nothing. */
    set(place: number, status: Status): void {
      if (find.get(place)?.status === status) return
      if (update.run(status, place).changes === 1) changed()
    },
    notGood: (): (readonly [number, Status])[] => notGood.all().map(({ place, status }) => [place, status] as const),
    newest: (): StatusRow | undefined => newest.get(),
    replace: (row: StatusRow): void => void replace.run(row),
  }
}
