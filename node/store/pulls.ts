import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** How far a pull has come: order stored, accepted by the owner, all content verified, acknowledged, or never to be used. */
export type PullState = 'ordered' | 'open' | 'complete' | 'acknowledged' | 'void'

/** One pull of ours, as stored; times in Unix seconds. */
export interface Pull {
  readonly pull: string
  readonly agreement: string
  readonly owner: string
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly order_text: string
  readonly ordered: number
  readonly state: PullState
  readonly problem: string | null
  readonly fetched: number
  readonly reused: number
  readonly delivery: string | null
  readonly delivery_text: string | null
  readonly acknowledgement: string | null
  readonly acknowledgement_text: string | null
  readonly outcome: string | null
  readonly confirmed: number | null
  readonly whole: 0 | 1
  readonly taken: number | null
}

/** A pull without its texts, for lists. */
export type PullLine = Omit<Pull, 'order_text' | 'delivery_text' | 'acknowledgement_text'>

/** What signing an order writes down. */
export type NewPull = Pick<
  Pull,
  'pull' | 'agreement' | 'owner' | 'dataset' | 'version' | 'manifest' | 'order_text' | 'ordered'
>

/** A version whose manifest this node verified as a consumer. */
export interface PulledVersion {
  readonly manifest: string
  readonly dataset: string
  readonly version: number
  readonly text: string
  readonly complete: 0 | 1
}

/** Our pulls and the manifests they are of. Trusted: it remembers which orders are signed. Synchronous, for `commit` jobs. */
export type Pulls = ReturnType<typeof createPulls>

const JOINABLE = `taken IS NULL AND (state IN ('ordered', 'open', 'complete') OR (state = 'acknowledged' AND whole = 1))`

export function createPulls(db: OpenDatabase) {
  const insert = db.prepare<[NewPull]>(
    `INSERT INTO pulls (pull, agreement, owner, dataset, version, manifest, order_text, ordered, state)
     VALUES (@pull, @agreement, @owner, @dataset, @version, @manifest, @order_text, @ordered, 'ordered')`,
  )
  const one = db.prepare<[string], Pull>('SELECT * FROM pulls WHERE pull = ?')
  const opened = db.prepare<[string], { n: number }>(
    `SELECT count(*) AS n FROM pulls WHERE agreement = ? AND state IN ('open', 'complete', 'acknowledged')`,
  )
  const open = db.prepare<[string, string], Pull>(
    `SELECT * FROM pulls WHERE agreement = ? AND manifest = ? AND ${JOINABLE} ORDER BY ordered DESC, rowid DESC LIMIT 1`,
  )
  const openVersion = db.prepare<[string, number], Pull>(
    `SELECT * FROM pulls WHERE agreement = ? AND version = ? AND ${JOINABLE} ORDER BY ordered DESC, rowid DESC LIMIT 1`,
  )
  const untaken = db.prepare<[string], Pull>(
    `SELECT * FROM pulls WHERE agreement = ? AND ${JOINABLE} ORDER BY ordered DESC, rowid DESC LIMIT 1`,
  )
  const unfinished = db.prepare<[], Pull>(
    `SELECT * FROM pulls WHERE confirmed IS NULL AND state <> 'void' ORDER BY ordered, rowid`,
  )
  const all = db.prepare<[], PullLine>(
    `SELECT pull, agreement, owner, dataset, version, manifest, ordered, state, problem, fetched, reused, delivery, acknowledgement, outcome, confirmed, whole, taken
     FROM pulls WHERE state <> 'void' ORDER BY ordered, rowid`,
  )
  const accept = db.prepare(`UPDATE pulls SET state = 'open' WHERE pull = ? AND state = 'ordered'`)
  const drop = db.prepare(`UPDATE pulls SET state = 'void' WHERE pull = ?`)
  const finish = db.prepare(`UPDATE pulls SET state = 'complete', whole = 1, problem = NULL WHERE pull = ?`)
  const take = db.prepare('UPDATE pulls SET taken = ? WHERE pull = ? AND whole = 1 AND taken IS NULL')
  const setProblem = db.prepare('UPDATE pulls SET problem = ? WHERE pull = ?')
  const addFetched = db.prepare('UPDATE pulls SET fetched = fetched + ? WHERE pull = ?')
  const raiseFetched = db.prepare('UPDATE pulls SET fetched = max(fetched, settled + ?) WHERE pull = ?')
  const settle = db.prepare('UPDATE pulls SET settled = fetched - ? WHERE pull = ?')
  const addReused = db.prepare('UPDATE pulls SET reused = reused + ? WHERE pull = ?')
  const setDelivery = db.prepare('UPDATE pulls SET delivery = ?, delivery_text = ? WHERE pull = ? AND delivery IS NULL')
  const setAcknowledgement = db.prepare(
    `UPDATE pulls SET acknowledgement = ?, acknowledgement_text = ?, outcome = ?, state = 'acknowledged' WHERE pull = ? AND acknowledgement IS NULL`,
  )
  const confirm = db.prepare('UPDATE pulls SET confirmed = ? WHERE pull = ? AND confirmed IS NULL')
  const addVersion = db.prepare<[PulledVersion]>(
    `INSERT INTO pulled_versions (manifest, dataset, version, text, complete) VALUES (@manifest, @dataset, @version, @text, 0) ON CONFLICT (manifest) DO NOTHING`,
  )
  const complete = db.prepare('UPDATE pulled_versions SET complete = 1 WHERE manifest = ?')
  const version = db.prepare<[string], PulledVersion>('SELECT * FROM pulled_versions WHERE manifest = ?')
  const versions = db.prepare<[string, number], PulledVersion>(
    'SELECT * FROM pulled_versions WHERE dataset = ? AND complete = 1 ORDER BY version DESC LIMIT ?',
  )

  return {
    add: (row: NewPull): void => void insert.run(row),
    find: (pull: string): Pull | undefined => one.get(pull),
    /** The pull of this manifest that is still to be finished or to be handed over, newest first. */
    findOpen: (agreement: string, manifest: string): Pull | undefined => open.get(agreement, manifest),
    /** Has the owner ever opened a pull of ours under this agreement? */
    hasOpened: (agreement: string): boolean => (opened.get(agreement) as { n: number }).n > 0,
    findOpenVersion: (agreement: string, number: number): Pull | undefined => openVersion.get(agreement, number),
    /** The newest of any version that is still to be finished or to be handed over. */
    findUntaken: (agreement: string): Pull | undefined => untaken.get(agreement),
    /** Everything the owner has not confirmed yet, oldest first. */
    unfinished: (): Pull[] => unfinished.all(),
    list: (): PullLine[] => all.all(),
    /** The owner has taken the order. */
    open: (pull: string): void => void accept.run(pull),
    /** The order will never be a pull. */
    drop: (pull: string): void => void drop.run(pull),
    /** All content verified and durable. */
    complete: (pull: string): void => void finish.run(pull),
    /** Its files stand where they were asked for: the same command opens a new one from now on. */
    take: (pull: string, now: number): void => void take.run(now, pull),
    setProblem: (pull: string, code: string): void => void setProblem.run(code, pull),
    addFetched: (pull: string, bytes: number): void => void addFetched.run(bytes, pull),
    /** What lies on the disk of the files under way and came from nowhere else was fetched, whatever was counted before a crash. */
    raiseFetched: (pull: string, bytes: number): void => void raiseFetched.run(bytes, pull),
    /** A file is whole: its bytes are all counted; `others` were fetched for files still under way. */
    settle: (pull: string, others: number): void => void settle.run(others, pull),
    addReused: (pull: string, bytes: number): void => void addReused.run(bytes, pull),
    setDelivery: (pull: string, { id, text }: { id: string; text: string }): void =>
      void setDelivery.run(id, text, pull),
    acknowledge: (pull: string, { id, text }: { id: string; text: string }, outcome: string): boolean =>
      setAcknowledgement.run(id, text, outcome, pull).changes === 1,
    confirm: (pull: string, now: number): void => void confirm.run(now, pull),
    addVersion: (row: Omit<PulledVersion, 'complete'>): void => void addVersion.run({ ...row, complete: 0 }),
    completeVersion: (manifest: string): void => void complete.run(manifest),
    findVersion: (manifest: string): PulledVersion | undefined => version.get(manifest),
    /** Newest completely received versions of a dataset: their chunks are at hand. */
    completeVersions: (dataset: string, limit: number): PulledVersion[] => versions.all(dataset, limit),
  }
}
