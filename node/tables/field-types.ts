import { type Cell, cellText } from './cells.ts'
import { compileDateFormat, type DateReader, readIsoDate, readIsoMonth, readIsoTime } from './date-formats.ts'
import { type Field, type FieldType, schemaInvalid } from './table-schema.ts'

/** What a cell means once it fits its type: numbers and times compare as numbers, all else as text. */
export type Value = number | string | boolean

/** A field ready to be applied: is the cell missing, and what does it mean (undefined: it does not fit the type)? */
export interface CompiledField {
  readonly field: Field
  readonly type: FieldType
  isMissing(cell: Cell): boolean
  read(cell: Cell): Value | undefined
}

/** Where the field stands, and what counts as missing where the field does not say. */
export interface FieldContext {
  readonly index: number
  readonly missingValues: readonly string[] | undefined
  readonly typed: boolean
}

/** Compiles a field. `typed`: text never counts as a number, since the file has numbers of its own. Throws SCHEMA_INVALID. */
export function compileField(field: Field, { index, missingValues, typed }: FieldContext): CompiledField {
  const type = field.type ?? 'string'
  const readText = textReader(field, type, `/fields/${index}`)
  const marks = new Set(field.missingValues ?? missingValues ?? [''])
  const compiled: CompiledField = {
    field,
    type,
    isMissing: (cell) => cell === null || (typeof cell === 'string' && (marks.has(cell) || marks.has(cell.trim()))),
    read: (cell) => readCell(cell, type, typed, readText),
  }
  refuseConstraints(compiled, `/fields/${index}/constraints`)
  return compiled
}

function readCell(
  cell: Cell,
  type: FieldType,
  typed: boolean,
  readText: (text: string) => Value | undefined,
): Value | undefined {
  if (type === 'any') return cellText(cell)
  if (typeof cell === 'string') {
    if (type === 'string') return cell
    if (typed && (type === 'integer' || type === 'number' || type === 'boolean')) return undefined
    return readText(cell.trim())
  }
  if (cell === null || typeof cell === 'object') return undefined
  if (type === 'string') return typed ? undefined : String(cell)
  if (typeof cell === 'boolean') return type === 'boolean' ? cell : undefined
  if (type === 'number') return Number.isFinite(Number(cell)) ? Number(cell) : undefined
  if (type === 'integer') return typeof cell === 'bigint' || Number.isInteger(cell) ? Number(cell) : undefined
  return type === 'year' ? readText(String(cell)) : undefined
}

function textReader(field: Field, type: FieldType, at: string): (text: string) => Value | undefined {
  const dated = type === 'date' || type === 'datetime'
  if (field.format !== undefined && field.format !== 'default' && !dated) {
    throw schemaInvalid(`${at}/format`, 'known', '此类型不支持这种格式', 'The type has no such format')
  }
  if (type === 'integer' || type === 'number') return numberReader(field, type, at)
  if (type === 'boolean') return booleanReader(field)
  if (dated) return dateReader(field, type === 'date' ? readIsoDate : readIsoTime, `${at}/format`)
  if (type === 'yearmonth') return readIsoMonth
  if (type === 'year') return (text) => (/^\d{4}$/.test(text) ? Number(text) : undefined)
  return (text) => text
}

function numberReader({ groupChar, decimalChar = '.' }: Field, type: 'integer' | 'number', at: string) {
  if (groupChar === decimalChar)
    throw schemaInvalid(`${at}/groupChar`, 'distinct', '千位符与小数点相同', 'It equals the decimal character')
  const [group, point] = [groupChar === undefined ? '' : RegExp.escape(groupChar), RegExp.escape(decimalChar)]
  const whole = group === '' ? '\\d+' : `(?:\\d{1,3}(?:${group}\\d{3})+|\\d+)`
  const pattern =
    type === 'integer' ? `^[+-]?${whole}$` : `^[+-]?(?:${whole}(?:${point}\\d*)?|${point}\\d+)(?:[eE][+-]?\\d{1,3})?$`
  const regex = new RegExp(pattern)
  return (text: string): number | undefined => {
    if (!regex.test(text)) return undefined
    const bare = groupChar === undefined ? text : text.replaceAll(groupChar, '')
    const value = Number(decimalChar === '.' ? bare : bare.replace(decimalChar, '.'))
    return Number.isFinite(value) ? value : undefined
  }
}

function booleanReader(field: Field) {
  const trues = new Set(field.trueValues ?? ['true', 'True', 'TRUE', '1'])
  const falses = new Set(field.falseValues ?? ['false', 'False', 'FALSE', '0'])
  return (text: string): boolean | undefined => (trues.has(text) ? true : falses.has(text) ? false : undefined)
}

function dateReader({ format }: Field, standard: DateReader, at: string): DateReader {
  if (format === undefined || format === 'default') return standard
  const reader = compileDateFormat(format)
  if (!reader)
    throw schemaInvalid(at, 'known', '日期格式只能用 %Y %m %d %H %M %S', 'A date format may use %Y %m %d %H %M %S only')
  return reader
}

/** A constraint that its own type cannot read would never hold, or always. */
function refuseConstraints({ field, type, read }: CompiledField, at: string): void {
  const { minimum, maximum, minLength, maxLength, enum: allowed } = field.constraints ?? {}
  const ordered = type !== 'string' && type !== 'any' && type !== 'boolean'
  for (const [rule, bound] of Object.entries({ minimum, maximum })) {
    if (bound === undefined) continue
    if (!ordered) throw schemaInvalid(`${at}/${rule}`, 'type', '此类型没有大小之分', 'The type has no order')
    if (typeof read(bound) !== 'number')
      throw schemaInvalid(`${at}/${rule}`, 'type', '界限不符合字段类型', 'The bound does not fit the type of the field')
  }
  for (const [rule, bound] of Object.entries({ minLength, maxLength })) {
    if (bound !== undefined && type !== 'string')
      throw schemaInvalid(`${at}/${rule}`, 'type', '只有文本有长度', 'Only text has a length')
  }
  if (allowed?.some((value) => read(value) === undefined)) {
    throw schemaInvalid(
      `${at}/enum`,
      'type',
      '可选值不符合字段类型',
      'A value of the enum does not fit the type of the field',
    )
  }
}
