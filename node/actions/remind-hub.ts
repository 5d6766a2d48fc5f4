import { parseDocument } from '#schemas/document.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { decodeStatusList, findUnrevoked } from '#schemas/status-list.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubClient } from '../hub-client.ts'
import type { TrustTexts } from '../store/trust-texts.ts'

interface Deps {
  readonly trust: Pick<Trust, 'status'>
  readonly texts: Pick<TrustTexts, 'newestDirectory'>
  readonly hub: Pick<HubClient, 'post'>
  readonly log: Logger
}

/**
 * Protocol 2.7: a hub restored from a backup steps back without meaning to. Before a list of its is refused and somebody
 * is alarmed, it hears its own signed words of then. Gives the list to accept: the one it answers with, or `given`.
 */
export type RemindHub = ReturnType<typeof createRemindHub>

export function createRemindHub({ trust, texts, hub, log }: Deps) {
  function stepsBack(kind: 'directory' | 'status', given: string, own: string): boolean {
    if (given === own) return false
    if (parseDocument(kind, given).payload.version <= parseDocument(kind, own).payload.version) return true
    const bits = trust.status()?.bits
    if (kind === 'directory' || bits === undefined) return false
    const { status_list, regions } = parseDocument('status', given).payload
    return findUnrevoked(bits, decodeStatusList(status_list.lst, regions)).length > 0
  }

  return async (
    kind: 'directory' | 'status',
    given: string,
    fetchAgain: () => Promise<string | undefined>,
  ): Promise<string> => {
    const own = kind === 'status' ? trust.status()?.text : texts.newestDirectory()?.text
    if (own === undefined || !stepsBack(kind, given, own)) return given
    try {
      await hub.post(`/v1/${kind}`, { [kind]: own })
      return (await fetchAgain()) ?? given
    } catch (error) {
      if (!isRefusal(error)) throw error
      log.warn({ kind, refused: error.code }, 'the hub steps back and takes no reminder')
      return given
    }
  }
}
