import { isFileName } from '#schemas/catalog/file-names.ts'
import { Refusal } from '#schemas/refusal.ts'

/** A file that a person hands in for publishing: every consumer can write it under its name. FILE_NAME_INVALID. */
export function requireFileName(name: string): void {
  if (!isFileName(name)) throw new Refusal('FILE_NAME_INVALID', { field: '/files', file: name.slice(0, 200) })
}
