import { isFileName } from '#schemas/catalog/file-names.ts'
import { Refusal } from '#schemas/refusal.ts'

/** What a pull writes beside the published files. */
const TAKEN = /^\.partial-|\.proof\.json$/i

/** A file that a person hands in for publishing: every consumer can write it under its name. USAGE, FILE_NAME_INVALID. */
export function requireFileName(name: string): void {
  if (TAKEN.test(name))
    throw new Refusal('USAGE', {
      rule: 'names .partial-… and ….proof.json belong to what a pull writes',
      file: name,
      detail: {
        zh: `“${name}”不能发布：以 .partial- 开头或以 .proof.json 结尾的文件名留给调取时写的文件，请改名`,
        en: `"${name}" cannot be published: names that begin with .partial- or end in .proof.json are those of files that a pull writes; rename it`,
      },
    })
  if (!isFileName(name)) throw new Refusal('FILE_NAME_INVALID', { field: '/files', file: name.slice(0, 200) })
}
