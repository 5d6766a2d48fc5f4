import type { Cell, Column, TableRow } from './cells.ts'
import { type CompiledField, compileField } from './field-types.ts'
import type { CellTypes } from './table.ts'
import type { Constraints, Field, TableSchema } from './table-schema.ts'
import { type TableWarning, tableWarning } from './warnings.ts'

/** A type a column may turn out to have; `named`: only where the header says so, `plain`: only where no code would look like it. */
interface Candidate {
  readonly field: Omit<Field, 'name'>
  readonly named?: RegExp
  readonly plain?: true
}

/** Most particular first: of those that every cell fits, the first is proposed. */
const CANDIDATES: readonly Candidate[] = [
  { field: { type: 'year' }, named: /年份|年度|^年$|year/i },
  { field: { type: 'date', format: '%Y%m%d' }, named: /日期|date/i },
  { field: { type: 'integer' }, plain: true },
  { field: { type: 'number' }, plain: true },
  { field: { type: 'integer', groupChar: ',' }, plain: true },
  { field: { type: 'number', groupChar: ',' }, plain: true },
  { field: { type: 'boolean', trueValues: ['true', 'True', 'TRUE'], falseValues: ['false', 'False', 'FALSE'] } },
  { field: { type: 'boolean', trueValues: ['是'], falseValues: ['否'] } },
  { field: { type: 'date' } },
  { field: { type: 'date', format: '%Y/%m/%d' } },
  { field: { type: 'date', format: '%Y年%m月%d日' } },
  { field: { type: 'datetime' } },
  { field: { type: 'datetime', format: '%Y-%m-%d %H:%M:%S' } },
  { field: { type: 'datetime', format: '%Y/%m/%d %H:%M:%S' } },
  { field: { type: 'datetime', format: '%Y-%m-%d %H:%M' } },
  { field: { type: 'datetime', format: '%Y/%m/%d %H:%M' } },
  { field: { type: 'yearmonth' } },
]

/** What people write where there is no figure. It means "missing" only in a column whose other cells have a type. */
const MISSING_MARKS = new Set([
  '—',
  '——',
  '–',
  '-',
  '--',
  '…',
  '……',
  '...',
  '..',
  '/',
  '\\',
  '*',
  'NA',
  'N/A',
  '#N/A',
  '#DIV/0!',
  '#VALUE!',
  '#REF!',
  '#NAME?',
  '#NUM!',
  '#NULL!',
  'null',
  'NULL',
  '无',
  '空',
  '缺',
  '暂无',
])

/** Columns of identifiers: their digits are no quantity, and leading zeros count. */
const CODE_NAME = /代码|编码|编号|证号|账号|帐号|电话|手机|邮编|(?:^|[^a-z])(?:code|id|zip|phone|tel)$/i

/** In a shorter column a few odd cells say nothing. */
const FEWEST_FOR_NEARLY = 12

const PLAIN_NUMBER = /^[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/
const CODE_DIGITS = /^[+-]?0\d|^[+-]?\d{16,}$/
const FULL_WIDTH_NUMBER = /^[+\-.,\s\d]*[０-９．，－＋][+\-.,\s\d０-９．，－＋]*$/
const UNIT_SUFFIX = /^[+-]?\d[\d,]*(?:\.\d+)?\s*[万亿%％‰]$/

/** Looks at rows one by one; afterwards proposes a schema that all of them fit. */
export interface Proposer {
  addRow(row: TableRow): void
  schema(): TableSchema
  /** The same with the type that nearly all cells of a column fit; null where no column has one. */
  strictSchema(): TableSchema | null
  warnings(): TableWarning[]
}

/** What is known of a column so far. */
interface Evidence {
  /** Types that all cells fit, or all but so few that those may be slips; most particular first. */
  candidates: { readonly field: CompiledField; misfits: number }[]
  readonly plain: ReadonlySet<CompiledField>
  readonly typed: boolean
  values: number
  nothing: number
  nested: boolean
  texts: number
  readonly marks: Set<string>
  readonly odd: Map<'full-width' | 'unit-suffix' | 'number-as-text', { count: number; row: number }>
}

/** A proposer for the columns of a table (they may grow). */
export function createProposer(columns: readonly Column[], cellTypes: CellTypes): Proposer {
  const typed = cellTypes === 'strict'
  const evidence: Evidence[] = []
  let rows = 0

  function addRow({ number, cells }: TableRow): void {
    for (let index = evidence.length; index < columns.length; index++) {
      evidence.push(newEvidence(columns[index]?.name ?? '', typed, rows))
    }
    for (const [index, column] of evidence.entries()) addCell(column, cells[index] ?? null, number)
    rows += 1
  }

  function schemaBy(typeOf: (column: Evidence) => CompiledField | undefined): TableSchema {
    const names = new Set<string>()
    const fields = columns.map(({ name, letter }, index) => {
      // A header without or with repeated names is reported; the proposal stays a valid schema all the same.
      const unique = name === '' || names.has(name) ? `${name}_${letter}` : name
      names.add(unique)
      const found = evidence[index] ?? newEvidence(name, typed, 0)
      return fieldOf(unique, found, isCodeText(found, cellTypes) ? undefined : typeOf(found), rows)
    })
    return { fields }
  }

  function warnings(): TableWarning[] {
    return evidence.flatMap((column, index) =>
      [...column.odd].flatMap(([kind, { count, row }]) => {
        const told = kind === 'number-as-text' ? column.texts < column.values && isNumeric(column) : !isNumeric(column)
        return told ? [tableWarning(kind, columns[index]?.name ?? '', count, row)] : []
      }),
    )
  }
  return {
    addRow,
    warnings,
    schema: () => schemaBy(fittingOf),
    strictSchema: () => (evidence.some((column) => nearlyOf(column) !== undefined) ? schemaBy(fittingOrNearly) : null),
  }
}

function newEvidence(name: string, typed: boolean, rowsBefore: number): Evidence {
  const candidates = CANDIDATES.filter((candidate) => {
    if (candidate.named !== undefined) return !typed && candidate.named.test(name)
    return !(candidate.plain === true && !typed && CODE_NAME.test(name))
  })
  const compiled = candidates.map(({ field }) =>
    compileField({ name, ...field }, { index: 0, missingValues: undefined, typed }),
  )
  const plain = new Set(compiled.filter((_, index) => candidates[index]?.plain === true))
  return {
    candidates: compiled.map((field) => ({ field, misfits: 0 })),
    typed,
    plain,
    values: 0,
    nothing: rowsBefore,
    nested: false,
    texts: 0,
    marks: new Set(),
    odd: new Map(),
  }
}

function addCell(column: Evidence, cell: Cell, row: number): void {
  const text = typeof cell === 'string' ? cell.trim() : undefined
  if (cell === null || cell === '') {
    column.nothing += 1
    return
  }
  // Marks wait apart: they decide nothing about the type.
  if (text !== undefined && (text === '' || MISSING_MARKS.has(text))) {
    column.marks.add(text)
    return
  }
  column.values += 1
  if (typeof cell === 'object') column.nested = true
  const form = text === undefined ? 'other' : formOf(text)
  if (text !== undefined) addText(column, text, form, row)
  let hopeless = false
  for (const candidate of column.candidates) {
    if (fits(column, candidate.field, cell, form)) continue
    candidate.misfits += 1
    hopeless ||= candidate.misfits > mostSlips(column)
  }
  if (hopeless) column.candidates = column.candidates.filter(({ misfits }) => misfits <= mostSlips(column))
}

/** So many cells may be slips of the pen, and the column still be of a type. */
function mostSlips({ values }: Evidence): number {
  return Math.max(3, values / 10)
}

/** The type that every cell fits. */
function fittingOf({ candidates, values }: Evidence): CompiledField | undefined {
  return values > 0 ? candidates.find(({ misfits }) => misfits === 0)?.field : undefined
}

/** The type that nearly every cell fits, where none fits all. */
function nearlyOf(column: Evidence): CompiledField | undefined {
  const { candidates, values } = column
  if (values < FEWEST_FOR_NEARLY || fittingOf(column) !== undefined) return undefined
  return candidates.toSorted((a, b) => a.misfits - b.misfits)[0]?.field
}

function fittingOrNearly(column: Evidence): CompiledField | undefined {
  return fittingOf(column) ?? nearlyOf(column)
}

/** What can be said of a text at a glance: most cells of large tables are plain numbers, and need no closer look. */
type Form = 'digits' | 'decimal' | 'code' | 'other'

function formOf(text: string): Form {
  if (PLAIN_NUMBER.test(text)) return text.includes('.') ? 'decimal' : 'digits'
  return CODE_DIGITS.test(text) ? 'code' : 'other'
}

function fits({ plain, typed }: Evidence, field: CompiledField, cell: Cell, form: Form): boolean {
  if (plain.has(field) && !typed) {
    if (form === 'code') return false
    if (form === 'digits' || (form === 'decimal' && field.type === 'number')) return true
  }
  return field.read(cell) !== undefined
}

function addText(column: Evidence, text: string, form: Form, row: number): void {
  column.texts += 1
  const plain = form === 'digits' || form === 'decimal'
  const kind = plain
    ? 'number-as-text'
    : FULL_WIDTH_NUMBER.test(text)
      ? 'full-width'
      : UNIT_SUFFIX.test(text)
        ? 'unit-suffix'
        : undefined
  if (kind === undefined) return
  const odd = column.odd.get(kind)
  if (odd) odd.count += 1
  else column.odd.set(kind, { count: 1, row })
}

/** Text of its own type: in JSON and Parquet a number among texts makes a column of anything. */
function isText({ nested, typed, texts, values }: Evidence): boolean {
  return !nested && (!typed || texts === values)
}

/** Codes stored as text in a workbook stay text, even where all of them look like numbers. */
function isCodeText(column: Evidence, cellTypes: CellTypes): boolean {
  return cellTypes === 'loose' && isNumeric(column) && column.texts === column.values
}

function isNumeric(column: Evidence): boolean {
  const type = fittingOf(column)?.type
  return type === 'integer' || type === 'number'
}

function fieldOf(name: string, column: Evidence, found: CompiledField | undefined, rows: number): Field {
  const complete = column.nothing === 0 && rows > 0
  if (!found) {
    const blanks = [...column.marks].some((mark) => mark === '')
    return { name, type: isText(column) ? 'string' : 'any', ...requiredIf(complete && !blanks && column.values > 0) }
  }
  const { name: _, ...field } = found.field
  const marks = [...column.marks].filter((mark) => mark !== '').toSorted()
  const missing = marks.length > 0 ? { missingValues: ['', ...marks] } : {}
  return { name, ...field, ...missing, ...requiredIf(complete && column.marks.size === 0) }
}

function requiredIf(required: boolean): { constraints?: Constraints } {
  return required ? { constraints: { required: true } } : {}
}
