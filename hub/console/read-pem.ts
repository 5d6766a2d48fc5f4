import { readFileSync } from 'node:fs'
import { Refusal } from '#schemas/refusal.ts'
import type { Fields } from '#web/pages/forms.ts'
import type { OperatorVisit } from './operator-pages.ts'

const PEM_BYTES = 200_000

/** A small text file that a form brought. BODY_INVALID where there is none, BODY_TOO_LARGE. */
export function readPem(visit: OperatorVisit, fields: Fields, name: string): string {
  const [file] = visit.filesOf(fields, name)
  if (file === undefined) throw new Refusal('BODY_INVALID', { field: `/${name}`, rule: 'a file' })
  if (file.bytes > PEM_BYTES) throw new Refusal('BODY_TOO_LARGE', { field: `/${name}` })
  return readFileSync(file.path, 'utf8')
}
