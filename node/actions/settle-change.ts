import { parseDocument } from '#schemas/document.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Logger } from '#web/serving/log.ts'
import { type ChangeDeps, createChangeAgreement, createMendChanges } from './change-agreement.ts'
import type { Settle } from './deliver-documents.ts'

interface Deps extends ChangeDeps {
  readonly log: Logger
}

/** Our changes of agreements and what becomes of them at the hub. */
export function createChanges(deps: Deps) {
  const { papers, stranded, log } = deps
  const mendStranded = createMendChanges(deps)

  /** A refused `resume` stands nowhere; what stops an agreement is obeyed here whatever the hub says. */
  const settle: Settle = ({ document }, outcome) => {
    const paper = papers.find(document)
    if (!('refusal' in outcome) || paper?.story == null) return
    const { story, text } = paper
    const isStop = parseDocument('agreement-change', text).payload.change !== 'resume'
    if (isStop) stranded.add(document)
    else papers.drop(document)
    const { code } = outcome.refusal
    // After the transaction, and after whoever waits for the answer has tried again.
    setImmediate(() => void afterRefusal(story, document, isStop || code === 'CHANGE_NOT_NEXT' ? undefined : code))
  }

  async function afterRefusal(story: string, document: string, refused: string | undefined): Promise<void> {
    try {
      if (refused !== undefined)
        await deps.raiseAlarm('CHANGE_REFUSED', document, {
          zh: `协议变更被共享中心拒绝：${refused}`,
          en: `The hub refused a change of an agreement: ${refused}`,
        })
      await deps.inTurn(story, () => deps.readOne(story))
      await mendStranded()
    } catch (error) {
      if (!isRefusal(error)) log.error({ err: error, request: story }, 'a refused change could not be mended')
      else log.info({ request: story, refused: error.code }, 'a refused change is looked at again later')
    }
  }

  return {
    change: createChangeAgreement(deps),
    settle,
    /** What is still to be said again, as when the hub was away. HUB_UNREACHABLE. */
    async mend(): Promise<void> {
      if (stranded.list().length > 0) await mendStranded()
    },
  }
}
