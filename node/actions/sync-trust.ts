import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubClient } from '../hub-client.ts'
import type { TrustTexts } from '../store/trust-texts.ts'
import type { TrustKeeper } from './keep-trust.ts'
import { createRemindHub } from './remind-hub.ts'

interface Deps {
  readonly trust: Trust
  readonly texts: TrustTexts
  readonly keeper: TrustKeeper
  readonly hub: Pick<HubClient, 'fetch' | 'post'>
  /** The line of roots over any connection; it verifies by itself. */
  readonly fetchRoots: () => Promise<string[]>
  /** Something new was accepted. */
  readonly changed: (what: 'directory' | 'status') => void
  readonly log: Logger
}

/** Brings root, directory and status list up to date. */
export type TrustSync = ReturnType<typeof createTrustSync>

const PARTS_AT_ONCE = 4
/** Refusals by which the hub is not recognised: perhaps a newer root knows it. */
const UNRECOGNISED = [
  'CERTIFICATE_UNTRUSTED',
  'CERTIFICATE_IDENTITY',
  'CERTIFICATE_PROFILE',
  'CERTIFICATE_EXPIRED',
  'HUB_UNREACHABLE',
] as const

export function createTrustSync({ trust, texts, keeper, hub, fetchRoots, changed, log }: Deps) {
  const etags = new Map<string, string>()
  const remindHub = createRemindHub({ trust, texts, hub, log })
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let refreshed: { at: number; done: Promise<void> } | undefined

  /**
   * Everything, once. Whoever comes while a round is under way waits for one that begins after it, all for the same: what an
   * event tells of may have happened after the round had its answer.
   */
  function syncTrust(): Promise<void> {
    if (running === undefined) {
      running = syncAll().finally(() => {
        running = undefined
      })
      return running
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined
        return syncTrust()
      })
    return next
  }

  async function syncAll(): Promise<void> {
    await takeNew('directory', takeDirectory)
    await takeNew('status', async (text) => {
      if (await keeper.acceptStatus(text)) changed('status')
    })
  }

  /** What came and could not be taken is asked for again in full: by its etag nothing would have changed since. */
  async function takeNew(kind: 'directory' | 'status', take: (text: string) => Promise<void>): Promise<void> {
    try {
      const text = await fetchNew(kind)
      if (text !== undefined) await take(text)
    } catch (error) {
      etags.delete(`/v1/${kind}`)
      throw error
    }
  }

  async function takeDirectory(text: string): Promise<void> {
    const { payload } = parseDocument('directory', text)
    const behind = payload.root.version > (trust.roots().at(-1)?.payload.version ?? 0)
    const roots = behind ? await fetchRoots() : []
    const parts = await fetchParts(payload.parts)
    if (await keeper.acceptDirectory(roots, text, parts)) changed('directory')
  }

  /** The list, if it has changed since it was last fetched. */
  async function fetchNew(kind: 'directory' | 'status'): Promise<string | undefined> {
    const text = await fetchChanged(`/v1/${kind}`)
    return text === undefined ? undefined : remindHub(kind, text, () => fetchChanged(`/v1/${kind}`))
  }

  async function fetchChanged(path: string): Promise<string | undefined> {
    const answer = await fetchRecognised(path)
    if (answer.unchanged) return undefined
    if (answer.etag !== undefined) etags.set(path, answer.etag)
    return answer.body.toString('utf8')
  }

  /** An expired directory, and a hub under a new authority, still recognise each other by a newer root. */
  async function fetchRecognised(path: string): ReturnType<HubClient['fetch']> {
    try {
      return await hub.fetch(path, etags.get(path))
    } catch (error) {
      if (!isRefusal(error, ...UNRECOGNISED)) throw error
      const found = await newerRoots(error)
      for (const text of found) trust.acceptRoot(text)
      return hub.fetch(path, etags.get(path))
    }
  }

  async function newerRoots(refused: Refusal): Promise<string[]> {
    const known = trust.roots().length
    const line = await fetchRoots().catch(() => [])
    if (!(line.length > known)) throw refused
    log.warn({ from: known, to: line.length }, 'a newer root was needed to recognise the hub')
    return line.slice(known)
  }

  /** Only parts that are not at hand yet; each is named by its hash. */
  async function fetchParts(hashes: readonly string[]): Promise<Map<string, Uint8Array>> {
    const parts = new Map<string, Uint8Array>()
    const missing: string[] = []
    for (const hash of hashes) {
      const known = texts.findPart(hash)
      if (known === undefined) missing.push(hash)
      else parts.set(hash, known)
    }
    const workers = Array.from({ length: PARTS_AT_ONCE }, async () => {
      for (let hash = missing.pop(); hash !== undefined; hash = missing.pop()) parts.set(hash, await fetchPart(hash))
    })
    await Promise.all(workers)
    return parts
  }

  async function fetchPart(hash: string): Promise<Uint8Array> {
    const answer = await hub.fetch(`/v1/directory/parts/${hash}`)
    if (answer.unchanged || sha256(answer.body) !== hash)
      throw new Refusal('PEER_MISBEHAVED', { rule: 'a part has the hash the directory names', part: hash })
    return answer.body
  }

  return {
    syncTrust,
    /**
     * Protocol 2.3: one look at the hub before an unknown certificate is refused, at most every 5 s. Never throws: what
     * is still unknown afterwards is refused by its own name.
     */
    async refreshTrust(): Promise<void> {
      const now = performance.now()
      if (refreshed === undefined || now - refreshed.at >= LIMITS.trustRefreshSeconds * 1000) {
        const done = syncTrust().catch((error: unknown) => {
          if (!isRefusal(error)) log.error({ err: error }, 'trust could not be refreshed')
        })
        refreshed = { at: now, done }
      }
      await refreshed.done
    },
  }
}
