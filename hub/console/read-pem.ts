import { readFileSync } from 'node:fs'
import { toPem } from '#pki/pem.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Fields } from '#web/pages/forms.ts'
import type { OperatorVisit } from './operator-pages.ts'

const PEM_BYTES = 200_000
const DER_SEQUENCE = 0x30

/** Certificates that a form brought as PEM, or one as DER (it begins a SEQUENCE). BODY_INVALID where there is no file, BODY_TOO_LARGE. */
export function readPem(visit: OperatorVisit, fields: Fields, name: string): string {
  const [file] = visit.filesOf(fields, name)
  if (file === undefined) throw new Refusal('BODY_INVALID', { field: `/${name}`, rule: 'a file' })
  if (file.bytes > PEM_BYTES) throw new Refusal('BODY_TOO_LARGE', { field: `/${name}` })
  const bytes = readFileSync(file.path)
  return bytes[0] === DER_SEQUENCE ? toPem('CERTIFICATE', bytes) : bytes.toString('utf8')
}
