import type { Inspection } from '../tables/inspection.ts'

const BY_KIND: { readonly [K in Inspection['kind']]: string | undefined } = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xls: 'application/vnd.ms-excel',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
  opaque: undefined,
}

const BY_NAME: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  json: 'application/json',
  ofd: 'application/ofd',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  xml: 'application/xml',
  zip: 'application/zip',
}

/** IANA media type of a file: what it was recognised as; for an opaque file what its name says. */
export function mediaTypeOf({ kind, encoding }: Pick<Inspection, 'kind' | 'encoding'>, name: string): string {
  const known = BY_KIND[kind] ?? BY_NAME[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream'
  if (!known.startsWith('text/') || encoding === null) return known
  return `${known}; charset=${encoding === 'gb18030' ? 'gb18030' : 'utf-8'}`
}

/** Is it by its name an explanation for people beside the tables, to which their schema does not apply? */
export function isPaper(name: string): boolean {
  return /\.(?:docx?|md|ofd|pdf|png|txt|zip)$/i.test(name)
}
