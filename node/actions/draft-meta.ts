import { fillMeta, parseMeta } from '#schemas/catalog/fill-meta.ts'
import type { Meta } from '#schemas/catalog/meta.ts'
import { findBrokenFields, type RuleContext } from '#schemas/catalog/rules.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import { REFUSALS } from '#schemas/refusals.ts'
import type { Draft } from '../store/drafts.ts'
import { FORM_REMEDIES } from './form-remedies.ts'

/** A form as typed: names of fields and what stands in them. */
export type Form = Draft['form']

/** What is wrong at one field of the form, and what to do about it. */
export interface FieldProblem {
  readonly field: string
  readonly code: string
  readonly says: Text
}

const MISSING: Text = { zh: '请填写此项', en: 'Please fill this in' }
const CHOOSE: Text = { zh: '请选择一项', en: 'Please choose one' }
const NO_MEMBER: Text = {
  zh: '没有叫这个名字的成员，请写全称或代码',
  en: 'No member is called that: give its full name or its code',
}
const RELATIONS = ['upstream', 'downstream', 'related'] as const
const FILLERS = { titleZh: '—', slug: 'draft', contentClass: '4', sharing: 'conditional', responsibleUnit: '—' }

/** JSON pointers of META whose field of the form is not simply its words joined. */
const FIELDS: Readonly<Record<string, string>> = {
  '/title/zh': 'titleZh',
  '/title/en': 'titleEn',
  '/description/zh': 'descriptionZh',
  '/description/en': 'descriptionEn',
  '/period': 'periodFrom',
  '/responsible': 'responsibleUnit',
  '/price': 'priceAmount',
  '/permit': 'permitAuthority',
  '/sample': 'sample',
  '/relations': 'related',
  '/relations/upstream': 'upstream',
  '/relations/downstream': 'downstream',
  '/relations/related': 'related',
}

/** META as the form says it, nothing checked; what was left empty is left out. */
export function writeMeta(form: Form): Record<string, unknown> {
  const text = (name: string) => textOf(form, name)
  const owners = ownersOf(form)
  const both = (name: string) => tidy({ zh: text(`${name}Zh`), en: text(`${name}En`) })
  const meta = {
    slug: text('slug'),
    title: both('title'),
    description: both('description'),
    contentClass: numberOf(text('contentClass')),
    theme: text('theme'),
    industries: some([...listOf(form, 'industries'), ...wordsOf(text('industriesMore'))]),
    region: text('regionMore') ?? text('region'),
    period: text('periodFrom') && { from: text('periodFrom'), to: text('periodTo') ?? text('periodFrom') },
    periodicity: text('periodicity'),
    sharing: text('sharing'),
    ownership: text('ownership'),
    // The page always says that we are one of them; more are never passed over.
    owners: text('ownership') === 'JOINT' || owners.length > 1 ? some(owners) : undefined,
    audience: audienceOf(form),
    legalBasis: text('legalBasis'),
    classification: text('classification'),
    sensitive: listOf(form, 'sensitive').length > 0,
    keywords: some(wordsOf(text('keywords'))),
    responsible: tidy({
      unit: text('responsibleUnit'),
      person: text('responsiblePerson'),
      contact: text('responsibleContact'),
    }),
    price: priceOf(form),
    permit: tidy({
      authority: text('permitAuthority'),
      number: text('permitNumber'),
      form: text('permitForm'),
      until: text('permitUntil'),
    }),
    sample: listOf(form, 'sample').length > 0 ? { rows: numberOf(text('sampleRows') ?? '5') } : undefined,
    relations: tidy(Object.fromEntries(RELATIONS.map((name) => [name, some(wordsOf(text(name)))]))),
  }
  return tidy(meta) ?? {}
}

/** All owners that were ticked or typed. */
export function ownersOf(form: Form): readonly string[] {
  return wordsOf([...listOf(form, 'owners'), ...listOf(form, 'ownersMore')].join(' '))
}

/** Whoever unticks everybody shares with nobody: the empty list is refused, since left out it would mean the usual ones. */
function audienceOf(form: Form): readonly string[] | undefined {
  const chosen = listOf(form, 'audience')
  return form['audience'] === undefined || textOf(form, 'sharing') === 'none' ? some(chosen) : chosen
}

/** What is wrong with a form, each at its field; `only`: fields of the step at hand, all others count as filled. */
export function checkForm(form: Form, context: RuleContext, only?: readonly string[]): readonly FieldProblem[] {
  const broken = findBroken(writeMeta(withFillers(form)), context).map((one) => atFiner(form, one))
  const found = [...findMissing(form), ...broken]
  return found.filter(({ field }, index) => {
    const first = found.findIndex((other) => other.field === field) === index
    return first && (only === undefined || only.includes(field))
  })
}

/** META to be signed, for a preview and for publishing; META_INVALID and the rules' refusals where the form is not whole. */
export function readMeta(form: Form): Meta {
  return fillMeta(parseMeta(writeMeta(form)))
}

/** A form that says what META says: to revise a dataset. */
export function fillForm(meta: Meta): Form {
  const { title, description, period, responsible, price, permit, sample, relations } = meta
  return tidy({
    slug: meta.slug,
    titleZh: title.zh,
    titleEn: title.en,
    descriptionZh: description?.zh,
    descriptionEn: description?.en,
    contentClass: String(meta.contentClass),
    theme: meta.theme,
    industries: meta.industries.filter((code) => code.length <= 3),
    industriesMore: some(meta.industries.filter((code) => code.length > 3))?.join(' '),
    region: meta.region.endsWith('0000') ? meta.region : undefined,
    regionMore: meta.region.endsWith('0000') ? undefined : meta.region,
    periodFrom: period?.from,
    periodTo: period?.to,
    periodicity: meta.periodicity,
    sharing: meta.sharing,
    ownership: meta.ownership,
    owners: meta.owners,
    audience: meta.audience,
    legalBasis: meta.legalBasis,
    classification: meta.classification,
    sensitive: meta.sensitive ? ['yes'] : undefined,
    keywords: meta.keywords?.join('、'),
    responsibleUnit: responsible.unit,
    responsiblePerson: responsible.person,
    responsibleContact: responsible.contact,
    priced: price && ['yes'],
    priceAmount: price?.amount,
    priceCurrency: price?.currency,
    priceUnit: price?.unit,
    permitAuthority: permit?.authority,
    permitNumber: permit?.number,
    permitForm: permit?.form,
    permitUntil: permit?.until,
    sample: sample && ['yes'],
    sampleRows: sample && String(sample.rows),
    ...Object.fromEntries(RELATIONS.map((name) => [name, relations?.[name]?.join('\n')])),
  }) as Form
}

/** The text of a field, trimmed; undefined where there is none. */
export function textOf(form: Form, name: string): string | undefined {
  return listOf(form, name)[0]?.trim() || undefined
}

/** All values of a field; a box that was left open is none. */
export function listOf(form: Form, name: string): readonly string[] {
  const value = form[name]
  return [value ?? []].flat().filter((one) => one !== '')
}

function findMissing(form: Form): readonly FieldProblem[] {
  const must = ['titleZh', 'slug', 'contentClass', 'sharing', 'responsibleUnit']
  const permit = textOf(form, 'contentClass') === '3' || textOf(form, 'permitNumber') !== undefined
  const more = permit ? ['permitAuthority', 'permitNumber', 'permitForm', 'permitUntil'] : []
  const english = textOf(form, 'descriptionEn') === undefined ? [] : ['descriptionZh']
  const price = isPriced(form) ? ['priceAmount', 'priceCurrency', 'priceUnit'] : []
  return [...must, ...more, ...english, ...price]
    .filter((name) => textOf(form, name) === undefined)
    .map((field) => ({ field, code: 'MISSING', says: /contentClass|sharing/.test(field) ? CHOOSE : MISSING }))
}

/** Whoever typed a finer code than the lists offer is told there: what the lists offer is never unknown. */
function atFiner(form: Form, problem: FieldProblem): FieldProblem {
  const finer = { industries: 'industriesMore', region: 'regionMore', owners: 'ownersMore' }[problem.field]
  if (finer === undefined || textOf(form, finer) === undefined) return problem
  const says = finer === 'ownersMore' && problem.code === 'META_INVALID' ? NO_MEMBER : problem.says
  return { ...problem, field: finer, says }
}

/** So that the rules can be asked while later steps are still empty. */
function withFillers(form: Form): Form {
  const empty = Object.entries(FILLERS).filter(([name]) => textOf(form, name) === undefined)
  return { ...form, ...Object.fromEntries(empty) }
}

function findBroken(meta: Record<string, unknown>, context: RuleContext): readonly FieldProblem[] {
  try {
    return findBrokenFields(fillMeta(parseMeta(withoutHalves(meta))), context).map(({ code, field }) => {
      const { title, remedy } = REFUSALS[code]
      return { field: fieldNamed(field), code, says: join(title, FORM_REMEDIES[code] ?? remedy) }
    })
  } catch (error) {
    if (!isRefusal(error, 'META_INVALID')) throw error
    const { title } = REFUSALS.META_INVALID
    const field = String(error.facts['field'])
    const found = { field: fieldNamed(field), code: error.code, says: sayLimit(error.facts) ?? title }
    // The schema tells of one fault at a time: the others are asked for without it.
    const { [field.split('/')[1] ?? '']: fault, ...rest } = meta
    return fault === undefined ? [found] : [found, ...findBroken({ ...writeMeta(FILLERS), ...rest }, context)]
  }
}

/** A permit or price with gaps is told as missing fields; the other rules are asked without it. */
function withoutHalves(meta: Record<string, unknown>): Record<string, unknown> {
  const { permit, price, description, ...rest } = meta
  const whole = (part: unknown, count: number) => part !== undefined && Object.keys(part as object).length >= count
  return {
    ...rest,
    ...(whole(permit, 4) && { permit }),
    ...(whole(price, 3) && { price }),
    ...(description !== undefined && 'zh' in (description as object) && { description }),
  }
}

/** Limits of the schema in words. */
function sayLimit({ rule }: Readonly<Record<string, unknown>>): Text | undefined {
  const said: Readonly<Record<string, Text>> = {
    maxLength: { zh: '太长了，请缩短', en: 'Too long: please shorten it' },
    maxItems: { zh: '太多了，请减少', en: 'Too many: please leave some out' },
    minItems: { zh: '请至少选择一项', en: 'Choose at least one' },
    uniqueItems: { zh: '有重复，请去掉', en: 'Something is named twice' },
    enum: { zh: '请从列出的选项中选择', en: 'Choose one of the options' },
    type: { zh: '写法不对，请检查', en: 'Not in the form asked for' },
    minimum: { zh: '数值太小', en: 'The number is too small' },
    maximum: { zh: '数值太大', en: 'The number is too large' },
    pattern: { zh: '写法不对，请检查', en: 'Not in the form asked for' },
  }
  return said[String(rule)]
}

/** `/responsible/unit` → `responsibleUnit`; places inside lists belong to their list. */
function fieldNamed(pointer: string): string {
  const words = pointer.split('/').filter((word) => word !== '' && !/^\d+$/.test(word))
  const known = FIELDS[`/${words.join('/')}`]
  if (known !== undefined) return known
  return words.map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`)).join('')
}

function priceOf(form: Form): Record<string, unknown> | undefined {
  if (!isPriced(form)) return undefined
  const [amount, currency, unit] = [
    textOf(form, 'priceAmount'),
    textOf(form, 'priceCurrency'),
    textOf(form, 'priceUnit'),
  ]
  return tidy({ amount, currency, unit })
}

function isPriced(form: Form): boolean {
  return listOf(form, 'priced').length > 0
}

/** Words apart by commas, Chinese or not, blanks or lines. */
function wordsOf(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(/[\s,，、;；]+/).filter((word) => word !== ''))]
}

function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}

/** Without what is undefined; undefined where nothing is left. */
function tidy(given: Record<string, unknown>): Record<string, unknown> | undefined {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function join(title: Text, remedy: Text): Text {
  return { zh: `${title.zh}。${remedy.zh}`, en: `${title.en}. ${remedy.en}` }
}
