import { closed } from '#schemas/shapes.ts'
import type { Delimiter, TextEncoding } from './recognise.ts'

/** How a person says a file is to be read, where recognising it went wrong; what is absent is recognised. */
export interface Reading {
  readonly encoding?: Exclude<TextEncoding, 'utf-8-bom'>
  readonly delimiter?: Delimiter
  /** Name of a sheet, hidden ones included. */
  readonly sheet?: string
  /** Row of the header (its first one), from 1 as the spreadsheet shows it. */
  readonly headerRow?: number
}

/** The same as arguments of an action. */
export const READING = closed(
  {
    encoding: { type: 'string', enum: ['utf-8', 'gb18030'] },
    delimiter: { type: 'string', enum: [',', '\t', ';'] },
    sheet: { type: 'string', minLength: 1, maxLength: 200 },
    headerRow: { type: 'integer', minimum: 1, maximum: 1_000 },
  },
  [],
)
