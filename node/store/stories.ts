import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Cause, State } from '#schemas/transitions.ts'

/** From wish to right: one request we are a party of, with its agreement once there is one. */
export interface Story {
  readonly request: string
  readonly agreement: string | null
  readonly dataset: string
  readonly consumer: string
  readonly owners: readonly string[]
  readonly path: 'unconditional' | 'conditional'
  readonly state: State
  readonly cause: Cause | null
  /** Members and `hub` whose suspension stands. */
  readonly suspendedBy: readonly string[]
  /** Member or `hub`. */
  readonly endedBy: string | null
  /** RFC 3339: end of the standing terms. */
  readonly until: string
  /** Member → certificate (hex) that signed for it, or that the other side's newest `resume` named. */
  readonly signers: Readonly<Record<string, string>>
  /** The hub's cursor at its last change. */
  readonly changed: number
}

type Row = Omit<Story, 'owners' | 'suspendedBy' | 'endedBy' | 'signers'> & {
  readonly owners: string
  readonly suspended_by: string
  readonly ended_by: string | null
  readonly signers: string
}

/** Our requests and agreements, both sides. Trusted: rights are served by what it says. */
export type Stories = ReturnType<typeof createStories>

/** Over tables `stories` and `unread_stories`; changes inside the caller's transaction. */
export function createStories(db: OpenDatabase) {
  const upsert = db.prepare<[Row]>(
    `INSERT INTO stories (request, agreement, dataset, consumer, owners, path, state, cause, suspended_by, ended_by, until, signers, changed)
     VALUES (@request, @agreement, @dataset, @consumer, @owners, @path, @state, @cause, @suspended_by, @ended_by, @until, @signers, @changed)
     ON CONFLICT (request) DO UPDATE SET agreement = excluded.agreement, path = excluded.path, state = excluded.state,
       cause = excluded.cause, suspended_by = excluded.suspended_by, ended_by = excluded.ended_by,
       until = excluded.until, signers = excluded.signers, changed = excluded.changed`,
  )
  const all = db.prepare<[], Row>('SELECT * FROM stories ORDER BY rowid')
  const undecided = db.prepare<[], Row>(
    `SELECT * FROM stories WHERE state IN ('REQUESTED', 'OFFERED', 'ACCEPTED') ORDER BY rowid`,
  )
  const one = db.prepare<[string], Row>('SELECT * FROM stories WHERE request = ?')
  const byAgreement = db.prepare<[string], Row>('SELECT * FROM stories WHERE agreement = ?')
  const unread = db.prepare<[], { request: string; problem: string }>(
    'SELECT request, problem FROM unread_stories ORDER BY since',
  )
  const addUnread = db.prepare<[string, string, number]>(
    'INSERT INTO unread_stories (request, problem, since) VALUES (?, ?, ?) ON CONFLICT (request) DO UPDATE SET problem = excluded.problem',
  )
  const dropUnread = db.prepare<[string]>('DELETE FROM unread_stories WHERE request = ?')

  return {
    save(story: Story): void {
      const { owners, suspendedBy, endedBy, signers, ...rest } = story
      upsert.run({
        ...rest,
        owners: JSON.stringify(owners),
        suspended_by: JSON.stringify(suspendedBy),
        ended_by: endedBy,
        signers: JSON.stringify(signers),
      })
      dropUnread.run(story.request)
    },
    list: (): Story[] => all.all().map(storyOf),
    /** Those in which somebody has yet to say yes or no. */
    undecided: (): Story[] => undecided.all().map(storyOf),
    find(request: string): Story | undefined {
      const row = one.get(request)
      return row && storyOf(row)
    },
    findByAgreement(agreement: string): Story | undefined {
      const row = byAgreement.get(agreement)
      return row && storyOf(row)
    },
    /** What the hub told and could not be verified, with the refusal's code. */
    unread: (): { request: string; problem: string }[] => unread.all(),
    addUnread: (request: string, problem: string, now: number): void => void addUnread.run(request, problem, now),
  }
}

function storyOf(row: Row): Story {
  const { suspended_by, ended_by, ...rest } = row
  return {
    ...rest,
    owners: JSON.parse(row.owners) as string[],
    suspendedBy: JSON.parse(suspended_by) as string[],
    endedBy: ended_by,
    signers: JSON.parse(row.signers) as Record<string, string>,
  }
}
