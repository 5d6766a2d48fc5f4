import { parseDocument } from '#schemas/document.ts'
import { closed, TIME } from '#schemas/shapes.ts'
import type { AuditRow } from '../store/audit.ts'
import { describeChange } from './describe-change.ts'
import type { Described } from './describe-fact.ts'
import type { Office } from './sign-statement.ts'

/** What can be asked for. */
export const AUDIT_GROUPS = {
  decisions: ['decision', 'approval', 'code'],
  members: ['certificate-request', 'admission', 'sponsorship', 'sponsorship-revocation'],
  catalog: ['catalog-entry', 'tombstone'],
  agreements: ['request', 'offer', 'consent', 'refusal', 'agreement', 'agreement-change'],
  pulls: ['pull-order', 'delivery', 'acknowledgement', 'grant'],
  keys: ['root', 'root-proposed', 'root-installed', 'root-key-removed', 'directory', 'status', 'crl', 'tls-renewed'],
  settings: [
    'phase',
    'backup',
    'operator-added',
    'operator-removed',
    'operator-member',
    'operator-certificate',
    'notice-edited',
    'page-edited',
    'footer-edited',
  ],
  alarms: ['alarm', 'alarm-ended'],
} as const
export type AuditGroup = keyof typeof AUDIT_GROUPS

/** Made by the clock, many a day; shown where somebody asks for keys or for everything. */
const BY_ITSELF = ['directory', 'status', 'crl', 'grant', 'tls-renewed'] as const

const GROUPS = Object.keys(AUDIT_GROUPS) as AuditGroup[]

export const AUDIT_QUERY = closed(
  {
    group: { type: 'string', enum: [...GROUPS, 'everything'] },
    /** Part of a name: operator, member, dataset. */
    who: { type: 'string', maxLength: 100 },
    from: TIME,
    to: TIME,
    before: { type: 'integer', minimum: 1 },
    limit: { type: 'integer', minimum: 1, maximum: 500 },
  },
  [],
)

export interface AuditQuery {
  readonly group?: AuditGroup | 'everything'
  readonly who?: string
  readonly from?: string
  readonly to?: string
  readonly before?: number
  readonly limit?: number
}

/** One line of the audit trail. */
export type AuditLine = Pick<AuditRow, 'seq' | 'kind' | 'hash' | 'time'> & Described

const PAGE = 100
/** A search through everything must not hold up the server; the next page goes on where this one stopped. */
const LOOKED_AT_MOST = 5_000

/** The journal, newest first, in words; `next` is null at its beginning. */
export function readAudit(r: Office, query: AuditQuery): { items: AuditLine[]; next: number | null } {
  const { group, who = '', from = '', to = '9999', limit = PAGE } = query
  const kinds = group === undefined || group === 'everything' ? [] : [...AUDIT_GROUPS[group]]
  const without = group === undefined ? [...BY_ITSELF] : []
  const names = { ...r, titleOf: lookUpTitles(r) }
  const items: AuditLine[] = []
  let before = query.before ?? Number.MAX_SAFE_INTEGER
  for (let looked = 0; looked < LOOKED_AT_MOST; ) {
    const rows = r.audit.read({ before, kinds, without, from, to, limit: PAGE })
    for (const row of rows) {
      before = row.seq
      const line = { seq: row.seq, kind: row.kind, hash: row.hash, time: row.time, ...describeChange(names, row) }
      if (!isAbout(line, who)) continue
      items.push(line)
      if (items.length === limit) return { items, next: before }
    }
    if (rows.length < PAGE) return { items, next: null }
    looked += rows.length
  }
  return { items, next: before }
}

function isAbout({ actors, summary }: AuditLine, who: string): boolean {
  return who === '' || actors.some((actor) => actor.includes(who)) || summary.zh.includes(who)
}

/** Titles of datasets, each read once; one that was never public keeps its short name. */
function lookUpTitles(r: Office): (dataset: string) => string {
  const known = new Map<string, string>()
  return (dataset) => {
    const title = known.get(dataset) ?? readTitle(r, dataset)
    known.set(dataset, title)
    return title
  }
}

function readTitle(r: Office, dataset: string): string {
  const text = r.audit.findEntry(dataset)
  return text === undefined
    ? dataset.slice(dataset.indexOf('/') + 1)
    : `《${parseDocument('catalog-entry', text).payload.meta.title.zh}》`
}
