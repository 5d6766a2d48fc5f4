import type { JSONSchema } from 'json-schema-to-ts'
import { validate } from '#schemas/validate.ts'
import { compileField } from './field-types.ts'
import { keyFields, schemaInvalid, type TableSchema, tableSchemaSchema } from './table-schema.ts'

/** Reads a schema from a stranger and makes sure it can be applied. Throws SCHEMA_INVALID with `field` (a JSON pointer) and `rule`. */
export function parseTableSchema(value: unknown): TableSchema {
  validate(tableSchemaSchema as JSONSchema, value, 'SCHEMA_INVALID')
  const schema = value as TableSchema
  const names = new Set<string>()
  for (const [index, field] of schema.fields.entries()) {
    if (names.has(field.name))
      throw schemaInvalid(`/fields/${index}/name`, 'unique', '字段名重复', 'The field name occurs twice')
    names.add(field.name)
    compileField(field, { index, missingValues: schema.missingValues, typed: false })
  }
  for (const name of keyFields(schema)) {
    if (!names.has(name))
      throw schemaInvalid('/primaryKey', 'known', '主键不是已有的字段', 'The primary key names no field')
  }
  return schema
}
