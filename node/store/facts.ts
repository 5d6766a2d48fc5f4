import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Names of single values and what they hold. */
export type FactName =
  /** Unix seconds: the clock never goes below. */
  | 'floor'
  /** Fingerprint that the enrolment code pinned, hex. */
  | 'fingerprint'
  | 'member'
  /** Our name and class as the hub admitted us; the directory has the newest. */
  | 'name'
  | 'class'
  /** Base URL of the hub's enrolment listener (from the code) and of its member listener, as last known. */
  | 'enrolment'
  | 'hub'
  /** SHA-256 of the secret of the one code under which our first request was ever sent, until it is answered. */
  | 'secret'
  /** Cursor of the hub's list of our requests. */
  | 'cursor'
  /** JSON: ids of changes of ours that the hub refused and that we obey all the same. */
  | 'stranded'
  /** Unix seconds at which the hub last answered. */
  | 'hub-seen'
  /** Code with which the hub refuses us, as long as it does. */
  | 'refused'
  /** Certificate of the authority that vouches for our staff, base64url DER. */
  | 'staff-ca'
  /** Unix seconds of the last whole check of the database. */
  | 'checked'

/** Single values. Trusted: the floor and the fingerprint decide whom this node believes. */
export type Facts = ReturnType<typeof createFacts>

/** Over table `facts`. */
export function createFacts(db: OpenDatabase) {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM facts WHERE name = ?')
  const upsert = db.prepare<[string, string]>(
    'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const remove = db.prepare<[string]>('DELETE FROM facts WHERE name = ?')
  const find = (name: FactName): string | undefined => select.get(name)?.value

  return {
    find,
    get(name: FactName): string {
      const value = find(name)
      if (value === undefined) throw new Error(`fact ${name} is missing`)
      return value
    },
    findNumber: (name: FactName): number => Number(find(name) ?? 0),
    set: (name: FactName, value: string | number): void => void upsert.run(name, String(value)),
    drop: (name: FactName): void => void remove.run(name),
  }
}
