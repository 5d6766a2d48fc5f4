import { isUscc } from '#pki/uscc.ts'
import { endOfBeijingDay, fromRfc3339 } from '../clock.ts'
import { INDUSTRY_EDITION, isIndustryCode } from '../codes/industries.ts'
import { findDays } from '../codes/periods.ts'
import type { Phase } from '../codes/phases.ts'
import { isRegionCode } from '../codes/regions.ts'
import { Refusal } from '../refusal.ts'
import { type MemberClass, SLUG_PATTERN } from '../shapes.ts'
import { isDisplayParagraph, isDisplayText } from './display-text.ts'
import { findBadFileName } from './file-names.ts'
import { isDatasetId, type Meta } from './meta.ts'
import type { CatalogRecord } from './record.ts'
import type { CatalogRefusalCode } from './refusals.ts'

/** Under what circumstances the rules are asked: phase of the platform, Unix seconds, and who publishes. */
export interface RuleContext {
  readonly phase: Phase
  readonly now: number
  readonly member: string
  readonly memberClass: MemberClass
}

interface Rule<T> {
  readonly code: CatalogRefusalCode
  /** JSON pointer into META of what has to change. */
  readonly field: string
  /** The place more exactly, where the subject tells it. */
  readonly at?: (meta: Meta, context: RuleContext) => string | undefined
  readonly applies: (subject: T, context: RuleContext) => boolean
  readonly holds: (subject: T, context: RuleContext) => boolean
}

const SLUG_SHAPE = new RegExp(`^${SLUG_PATTERN}$`)
const AMOUNT_SHAPE = /^(?!0+(?:\.0*)?$)\d{1,12}(?:\.\d{1,2})?$/
const always = () => true
const hasPrice = (meta: Meta) => meta.price !== undefined
const hasSample = (meta: Meta) => meta.sample !== undefined

/** In the order in which a person should hear of them: first what forbids the dataset, then what can be mended. */
export const META_RULES: readonly Rule<Meta>[] = [
  {
    code: 'CLASSIFICATION_REFUSED',
    field: '/classification',
    applies: always,
    holds: (meta) => meta.classification !== 'state-secret',
  },
  { code: 'SLUG_INVALID', field: '/slug', applies: always, holds: (meta) => SLUG_SHAPE.test(meta.slug) },
  {
    code: 'RESPONSIBLE_REQUIRED',
    field: '/responsible/unit',
    applies: always,
    holds: (meta) => meta.responsible.unit.trim() !== '',
  },
  {
    code: 'TEXT_INVALID',
    field: '',
    at: findBadText,
    applies: always,
    holds: (meta) => findBadText(meta) === undefined,
  },
  {
    code: 'THEME_REQUIRED',
    field: '/theme',
    applies: (meta) => meta.contentClass === 2,
    holds: (meta) => meta.theme !== undefined,
  },
  // (九) class 4 has no statistical code yet: missing codes are shown, never refused; wrong ones are.
  {
    code: 'INDUSTRY_UNKNOWN',
    field: '/industries',
    applies: (meta) => meta.industries.length > 0,
    holds: (meta) => meta.industries.every((code) => isIndustryCode(code, INDUSTRY_EDITION)),
  },
  { code: 'REGION_UNKNOWN', field: '/region', applies: always, holds: (meta) => isRegionCode(meta.region) },
  { code: 'PERIOD_INVALID', field: '/period', applies: (meta) => meta.period !== undefined, holds: isPeriodInOrder },
  {
    code: 'CLASSIFICATION_SHARING',
    field: '/sharing',
    applies: (meta) => meta.classification === 'confidential',
    holds: (meta) => meta.sharing !== 'unconditional',
  },
  {
    code: 'SENSITIVE_SHARING',
    field: '/sharing',
    applies: (meta) => meta.sensitive,
    holds: (meta) => meta.sharing !== 'unconditional',
  },
  {
    code: 'DISCLOSURE_WITHHELD',
    field: '/legalBasis',
    applies: (meta) => meta.legalBasis === 'must-disclose',
    holds: (meta) => meta.classification === 'public' && meta.sharing !== 'none',
  },
  {
    code: 'OWNERS_REQUIRED',
    field: '/owners',
    applies: (meta) => meta.ownership === 'JOINT',
    holds: (meta, { member }) => new Set(meta.owners).size >= 2 && (meta.owners ?? []).includes(member),
  },
  {
    code: 'OWNERS_UNEXPECTED',
    field: '/owners',
    applies: (meta) => meta.ownership !== 'JOINT',
    holds: (meta) => meta.owners === undefined,
  },
  {
    code: 'OWNER_INVALID',
    field: '/owners',
    applies: (meta) => meta.owners !== undefined,
    holds: (meta) => (meta.owners ?? []).every(isUscc),
  },
  // (十一): what the platform collects belongs to its managing body, so no association can sign it away to that body.
  {
    code: 'PLATFORM_RESERVED',
    field: '/ownership',
    applies: (meta) => meta.ownership === 'PLATFORM',
    holds: (_, { memberClass }) => memberClass === 'department',
  },
  // (十), (十四): three reasons, three codes, since each has another remedy.
  { code: 'PRICE_PHASE', field: '/price', applies: hasPrice, holds: (_, { phase }) => phase === 'rollout' },
  { code: 'PRICE_LEGAL_BASIS', field: '/price', applies: hasPrice, holds: (meta) => meta.legalBasis === 'other' },
  { code: 'PRICE_CLASS', field: '/price', applies: hasPrice, holds: (meta) => meta.contentClass !== 1 },
  {
    code: 'PRICE_INVALID',
    field: '/price',
    applies: hasPrice,
    holds: (meta) => AMOUNT_SHAPE.test(meta.price?.amount ?? '') && /^[A-Z]{3}$/.test(meta.price?.currency ?? ''),
  },
  // (十二): surveys only under a permit in force; 统计法: past its term a form lapses by itself.
  {
    code: 'PERMIT_REQUIRED',
    field: '/permit',
    applies: (meta) => meta.contentClass === 3,
    holds: (meta) => meta.permit !== undefined,
  },
  {
    code: 'PERMIT_INVALID',
    field: '/permit/until',
    applies: (meta) => meta.permit !== undefined,
    holds: (meta) => !Number.isNaN(permitEnd(meta)),
  },
  {
    code: 'PERMIT_EXPIRED',
    field: '/permit/until',
    applies: (meta) => !Number.isNaN(permitEnd(meta)),
    holds: (meta, { now }) => now < permitEnd(meta),
  },
  {
    code: 'SAMPLE_CLASSIFICATION',
    field: '/sample',
    applies: hasSample,
    holds: (meta) => meta.classification === 'public' && !meta.sensitive,
  },
  { code: 'SAMPLE_SHARING', field: '/sample', applies: hasSample, holds: (meta) => meta.sharing !== 'none' },
  {
    code: 'RELATION_INVALID',
    field: '/relations',
    at: (meta) => relationWith(meta, (id) => !isDatasetId(id)),
    applies: (meta) => meta.relations !== undefined,
    holds: (meta) => relatedTo(meta).every(isDatasetId),
  },
  {
    code: 'RELATION_SELF',
    field: '/relations',
    at: (meta, { member }) => relationWith(meta, (id) => id === `${member}/${meta.slug}`),
    applies: (meta) => meta.relations !== undefined,
    holds: (meta, { member }) => !relatedTo(meta).includes(`${member}/${meta.slug}`),
  },
]

/** What a whole catalog entry must keep beyond its META. */
export const RECORD_RULES: readonly Rule<CatalogRecord>[] = [
  {
    code: 'SLUG_MISMATCH',
    field: '/slug',
    applies: always,
    holds: (record, { member }) => record.member === member && record.dataset === `${member}/${record.meta.slug}`,
  },
  // Consumers write these files into folders of their own, under these names.
  {
    code: 'FILE_NAME_INVALID',
    field: '/files',
    applies: always,
    holds: ({ files }) => findBadFileName(files.map(({ path }) => path)) === undefined,
  },
  // The public rows are the only ones the hub ever shows: never more than the owner agreed to.
  {
    code: 'SAMPLE_NOT_OPTED',
    field: '/sample',
    applies: (record) => record.sample !== undefined,
    holds: (record) => (record.sample?.rows.length ?? 0) <= (record.meta.sample?.rows ?? -1),
  },
]

/** Codes of all rules that META breaks, in the order of the table; empty when it keeps them all. */
export function findBrokenRules(meta: Meta, context: RuleContext): readonly CatalogRefusalCode[] {
  return brokenOf(META_RULES, meta, context).map((rule) => rule.code)
}

/** The same with the JSON pointer of what has to change, for forms that show each at its field. */
export function findBrokenFields(
  meta: Meta,
  context: RuleContext,
): readonly { readonly code: CatalogRefusalCode; readonly field: string }[] {
  return brokenOf(META_RULES, meta, context).map((rule) => ({
    code: rule.code,
    field: fieldOf(rule, meta, context),
  }))
}

/** Refuses META with the first rule it breaks; `broken` lists all of them. */
export function checkCatalogRules(meta: Meta, context: RuleContext): void {
  refuseFirst(brokenOf(META_RULES, meta, context), meta, context)
}

/** The same for a whole catalog entry, as the hub asks it before it indexes and a node before it signs. */
export function checkRecordRules(record: CatalogRecord, context: RuleContext): void {
  checkCatalogRules(record.meta, context)
  refuseFirst(brokenOf(RECORD_RULES, record, context), record.meta, context)
}

/** When the permit of survey data ends (24:00 Beijing time of its last day), Unix seconds; NaN without a readable one. */
export function permitEnd(meta: Meta): number {
  const until = meta.permit?.until ?? ''
  return findDays(until) === undefined || until.length !== 10 ? Number.NaN : fromRfc3339(endOfBeijingDay(until))
}

function brokenOf<T>(rules: readonly Rule<T>[], subject: T, context: RuleContext): readonly Rule<T>[] {
  return rules.filter((rule) => rule.applies(subject, context) && !rule.holds(subject, context))
}

function refuseFirst(broken: readonly Rule<never>[], meta: Meta, context: RuleContext): void {
  const [first] = broken
  if (first === undefined) return
  const field = fieldOf(first, meta, context)
  throw new Refusal(first.code, { rule: first.code, field, broken: broken.map((rule) => rule.code) })
}

function fieldOf({ at, field }: Pick<Rule<never>, 'at' | 'field'>, meta: Meta, context: RuleContext): string {
  return at?.(meta, context) ?? field
}

function isPeriodInOrder(meta: Meta): boolean {
  const from = findDays(meta.period?.from ?? '')
  const to = findDays(meta.period?.to ?? '')
  return from !== undefined && to !== undefined && Temporal.PlainDate.compare(from.from, to.to) <= 0
}

function relatedTo(meta: Meta): readonly string[] {
  return Object.values(meta.relations ?? {}).flat()
}

/** JSON pointer of the first relation that names such a dataset. */
function relationWith({ relations = {} }: Meta, names: (id: string) => boolean): string | undefined {
  const found = Object.entries(relations).find(([, ids]) => ids.some(names))
  return found && `/relations/${found[0]}`
}

/** JSON pointer of the first text that must not be shown to people. */
function findBadText(meta: Meta): string | undefined {
  const paragraphs = { '/description/zh': meta.description?.zh, '/description/en': meta.description?.en }
  const lines = {
    '/title/zh': meta.title.zh,
    '/title/en': meta.title.en,
    // One without any letter is RESPONSIBLE_REQUIRED's to say.
    '/responsible/unit': meta.responsible.unit.trim() === '' ? undefined : meta.responsible.unit,
    '/responsible/person': meta.responsible.person,
    '/responsible/contact': meta.responsible.contact,
    '/price/unit': meta.price?.unit,
    '/permit/authority': meta.permit?.authority,
    '/permit/number': meta.permit?.number,
    '/permit/form': meta.permit?.form,
    ...Object.fromEntries((meta.keywords ?? []).map((keyword, index) => [`/keywords/${index}`, keyword])),
  }
  const bad = (isGood: (text: string) => boolean) => (pair: [string, string | undefined]) =>
    pair[1] !== undefined && !isGood(pair[1])
  return (Object.entries(lines).find(bad(isDisplayText)) ??
    Object.entries(paragraphs).find(bad(isDisplayParagraph)))?.[0]
}
