import { randomBytes } from 'node:crypto'
import type { Clock } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Facts } from './facts.ts'

/** Chinese, and English where somebody wrote it. */
export interface Bilingual {
  readonly zh: string
  readonly en?: string
}

/** A notice (通知公告). Times are Unix seconds; `body` is Markdown. */
export interface Notice {
  readonly id: string
  readonly title: Bilingual
  readonly body: Bilingual
  readonly published: number
  /** Not shown any more; kept. */
  readonly withdrawn: boolean
}

/** A text at `/<slug>`: `about`, `guides/…`, `standards/…`. `body` is Markdown. */
export interface TextPage {
  readonly slug: string
  readonly title: Bilingual
  readonly body: Bilingual
  /** Where it stands among its neighbours. */
  readonly order: number
}

/** Lines at the foot of the portal that the law or the house asks for; what is not given is not shown. */
export const FOOTER_FIELDS = ['icp', 'police', 'site', 'organiser', 'undertaker', 'contact'] as const
export type FooterField = (typeof FOOTER_FIELDS)[number]
export type Footer = { readonly [F in FooterField]?: Bilingual }

/** One edit as it was: who wrote it, when, and the whole text; null where it was taken back. */
export interface Edit<T> {
  readonly edit: number
  readonly operator: string
  readonly at: number
  readonly value: T | null
}

/** Who writes, and upon which edit (0: none yet); undefined: upon whatever stands. */
export interface Editing {
  readonly operator: string
  readonly after?: number | undefined
}

type Kind = 'notice' | 'page' | 'footer'

interface EditRow {
  readonly edit: number
  readonly id: string
  readonly text: string | null
  readonly operator: string
  readonly at: number
}

/** What the portal says besides the catalogue. Trusted: shown to everybody under the hub's name. */
export type Contents = ReturnType<typeof createContents>

/** Over table `content_edits`. Each function is a whole transaction; nothing that was written is ever lost. */
export function createContents({ db, commit, facts, clock }: Needs) {
  const newest = db.prepare<[Kind], EditRow>(
    `SELECT edit, id, text, operator, at FROM content_edits
     WHERE edit IN (SELECT max(edit) FROM content_edits WHERE kind = ? GROUP BY id) ORDER BY id`,
  )
  const newestOf = db.prepare<[Kind, string], EditRow>(
    'SELECT edit, id, text, operator, at FROM content_edits WHERE kind = ? AND id = ? ORDER BY edit DESC LIMIT 1',
  )
  const editsOf = db.prepare<[Kind, string], EditRow>(
    'SELECT edit, id, text, operator, at FROM content_edits WHERE kind = ? AND id = ? ORDER BY edit DESC',
  )
  const insert = db.prepare<[Kind, string, string | null, string, number]>(
    'INSERT INTO content_edits (kind, id, text, operator, at) VALUES (?, ?, ?, ?, ?)',
  )
  /** `by.after`: the edit it was written upon. TEXT_CHANGED where another came between. */
  const write = (kind: Kind, id: string, value: Footer | TextPage | Notice | null, by: Editing): Promise<void> =>
    commit(() => {
      const { operator, after } = by
      const last = newestOf.get(kind, id)
      if (after !== undefined && (last?.edit ?? 0) !== after) throw changedBy(last?.operator ?? '')
      const text = value === null ? null : JSON.stringify(value)
      const at = clock.now()
      insert.run(kind, id, text, operator, at)
      const title = value !== null && 'title' in value ? { title: value.title } : {}
      facts.record(`${kind}-edited`, { id, ...title, text: text === null ? null : sha256(text), by: operator, at })
    })
  const historyOf = <T>(kind: Kind, id: string): Edit<T>[] =>
    editsOf.all(kind, id).map(({ edit, operator, at, text }) => ({ edit, operator, at, value: parsedOf<T>(text) }))
  const find = <T>(kind: Kind, id: string): T | null => parsedOf<T>(newestOf.get(kind, id)?.text ?? null)
  /** Every page of the portal shows it. */
  let footer: Footer | undefined
  const valuesOf = <T>(kind: Kind): T[] => newest.all(kind).flatMap(({ text }) => parsedOf<T>(text) ?? [])

  return {
    /** Those not withdrawn, newest first. */
    async notices(limit: number): Promise<Notice[]> {
      const shown = valuesOf<Notice>('notice').filter(({ withdrawn }) => !withdrawn)
      return shown.toSorted(byPublished).slice(0, limit)
    },
    /** Withdrawn ones too, newest first. */
    allNotices: async (): Promise<Notice[]> => valuesOf<Notice>('notice').toSorted(byPublished),
    findNotice: async (id: string): Promise<Notice | null> => find('notice', id),
    noticeHistory: async (id: string): Promise<Edit<Notice>[]> => historyOf('notice', id),
    saveNotice: (notice: Notice, by: Editing): Promise<void> => write('notice', notice.id, notice, by),
    newNoticeId: (): string => randomBytes(6).toString('hex'),

    /** Pages that somebody wrote or rewrote; those as shipped are not among them. */
    pages: async (): Promise<TextPage[]> => valuesOf('page'),
    findPage: async (slug: string): Promise<TextPage | null> => find('page', slug),
    pageHistory: async (slug: string): Promise<Edit<TextPage>[]> => historyOf('page', slug),
    savePage: (page: TextPage, by: Editing): Promise<void> => write('page', page.slug, page, by),
    /** Back to the text as shipped; a page of one's own is gone. */
    resetPage: (slug: string, by: Editing): Promise<void> => write('page', slug, null, by),

    async footer(): Promise<Footer> {
      footer ??= find<Footer>('footer', 'footer') ?? {}
      return footer
    },
    footerHistory: async (): Promise<Edit<Footer>[]> => historyOf('footer', 'footer'),
    async saveFooter(value: Footer, by: Editing): Promise<void> {
      await write('footer', 'footer', value, by)
      footer = undefined
    },
  }
}

interface Needs {
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly facts: Facts
  readonly clock: Clock
}

function changedBy(operator: string): Refusal {
  const detail = { zh: `${operator} 在此期间保存了修改`, en: `${operator} saved a change meanwhile` }
  return new Refusal('TEXT_CHANGED', { detail })
}

function byPublished(a: Notice, b: Notice): number {
  return b.published - a.published || (a.id < b.id ? 1 : -1)
}

function parsedOf<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}
