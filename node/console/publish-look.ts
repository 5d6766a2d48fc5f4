import { type Redirect, redirect } from '#web/pages/page.ts'
import type { Draft } from '../store/drafts.ts'
import type { NodePagesDeps, NodeVisit } from './node-pages.ts'
import { type Step, stepPath } from './publish-steps.ts'

/** Files up to this are read while the page waits; larger ones as a job with a page of its own. */
const LARGE_BYTES = 4_194_304

/** Looks at those files of a draft that have not been looked at as it stands, then goes to a step (after a job: to the table). */
export async function lookThen(visit: NodeVisit, deps: NodePagesDeps, draft: Draft, step: Step): Promise<Redirect> {
  const unseen = draft.files.filter((file) => deps.drafts.findLook(draft, file) === undefined)
  const bytes = unseen.reduce((sum, file) => sum + file.bytes, 0)
  if (bytes > LARGE_BYTES) {
    const table = visit.href(stepPath(draft, 'table'))
    const title = visit.t('检查文件', 'Checking the files')
    return visit.begin('inspect-draft', { draft: draft.id }, { title, back: table, done: () => table })
  }
  if (unseen.length > 0) await deps.drafting.inspect(draft.id, visit)
  return redirect(visit.href(stepPath(draft, step)))
}
