import { Refusal } from '#schemas/refusal.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { Drafts } from '../store/drafts.ts'
import { textOf, writeMeta } from './draft-meta.ts'
import type { Publication, Published } from './publish-version.ts'
import type { InTurn } from './take-turns.ts'

interface Deps {
  readonly drafts: Drafts
  readonly transfers: Pick<Transfers, 'scratchPath' | 'register'>
  readonly inTurn: InTurn
  /** Whether a dataset of ours has the short name. */
  readonly isTaken: (slug: string) => boolean
  readonly publish: (
    publication: Publication,
    context: Pick<ActionContext, 'progress' | 'signal'>,
  ) => Promise<Published>
}

/** Signs and publishes what a draft holds, the same way as the command line; then the draft goes. SLUG_TAKEN, USAGE. A refusal leaves it. */
export function createPublishDraft({ drafts, transfers, inTurn, isTaken, publish }: Deps) {
  return (id: string, context: Pick<ActionContext, 'progress' | 'signal'>): Promise<Published> =>
    inTurn(`draft:${id}`, async () => {
      const draft = drafts.get(id)
      if (draft.files.length === 0 && draft.dataset === null)
        throw new Refusal('USAGE', {
          rule: 'a new dataset needs a file',
          detail: { zh: '新数据集至少要有一个文件，请先选择文件', en: 'A new dataset needs a file: choose one first' },
        })
      // Another draft may have been published under the name since this one was filled in.
      if (draft.dataset === null && isTaken(textOf(draft.form, 'slug') ?? '')) throw new Refusal('SLUG_TAKEN')
      const files = draft.files.map((file) => {
        const path = transfers.scratchPath()
        drafts.lend(id, file, path)
        return { name: file.name, upload: transfers.register(path), reading: draft.reading }
      })
      const schema = draft.schema === null ? {} : { schema: draft.schema }
      const published = await publish({ meta: writeMeta(draft.form), ...schema, files }, context)
      drafts.remove(id)
      return published
    })
}
