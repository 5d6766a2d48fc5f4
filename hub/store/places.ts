import { randomInt } from 'node:crypto'
import { STATUS_PLACES, type Status } from '#schemas/status-list.ts'
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

const MOST_PLACES = 16_777_216

/** Over tables `places` and `status_list`; changes inside the caller's transaction, each told to `changed`. */
export function createPlaces(db: OpenDatabase, facts: Facts, changed: () => void) {
  const count = db.prepare<[], { taken: number }>('SELECT count(*) AS taken FROM places')
  const insert = db.prepare<[number]>("INSERT INTO places (place, status) VALUES (?, 'good') ON CONFLICT DO NOTHING")
  const find = db.prepare<[number], { status: Status }>('SELECT status FROM places WHERE place = ?')
  const update = db.prepare<[Status, number]>("UPDATE places SET status = ? WHERE place = ? AND status <> 'revoked'")
  const notGood = db.prepare<[], { place: number; status: Status }>(
    "SELECT place, status FROM places WHERE status <> 'good'",
  )
  const newest = db.prepare<[], StatusRow>('SELECT version, id, text, issued FROM status_list')
  const replace = db.prepare<[StatusRow]>(
    `INSERT INTO status_list (one, version, id, text, issued) VALUES (1, @version, @id, @text, @issued)
     ON CONFLICT (one) DO UPDATE SET version = excluded.version, id = excluded.id, text = excluded.text, issued = excluded.issued`,
  )

  const size = (): number => Number(facts.find('places') ?? STATUS_PLACES)

  /** Half of a list stays free: random places are found at once and tell nothing by their neighbours. */
  function room(): number {
    const { taken } = count.get() as { taken: number }
    if (taken * 2 < size()) return size()
    if (!(size() * 2 <= MOST_PLACES)) throw new Error('the status list is full')
    facts.set('places', String(size() * 2))
    return size()
  }

  return {
    size,
    /** A random place that was never given before, good. */
    allocate(): number {
      const places = room()
      for (;;) {
        const place = randomInt(places)
        if (insert.run(place).changes === 1) {
          changed()
          return place
        }
      }
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
