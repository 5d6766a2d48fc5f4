import { parseDocument } from '#schemas/document.ts'
import type { JournalRow } from '#schemas/storage/journal.ts'
import type { Audience } from '../deps.ts'
import type { Registry } from '../registry.ts'

/** Who hears of a row of the register: the members a document speaks of. Undefined: not a document of the register. */
export function registryAudience(r: Registry, { hash }: JournalRow): Audience | undefined {
  const document = r.documents.find(hash)
  if (document === undefined) return undefined
  switch (document.kind) {
    case 'certificate-request':
    case 'admission':
      return [parseDocument(document.kind, document.text).payload.member]
    case 'sponsorship':
    case 'sponsorship-revocation': {
      const { sponsor, affiliate } = parseDocument(document.kind, document.text).payload
      return [sponsor, affiliate]
    }
    case 'decision':
      return subjectMember(r, parseDocument('decision', document.text).payload.subject)
  }
}

function subjectMember(r: Registry, { kind, id }: { kind: string; id: string }): Audience {
  const member =
    kind === 'member' ? id : kind === 'admission' ? r.codes.findAdmission(id)?.member : r.certificates.find(id)?.member
  return member === undefined ? 'none' : [member]
}
