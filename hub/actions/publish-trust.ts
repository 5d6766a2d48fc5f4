import { type ParsedDocument, parseDocument, signDocument } from '#schemas/document.ts'
import { LIMITS } from '#schemas/limits.ts'
import { encodeStatusList } from '#schemas/status-list.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import type { Registry } from '../registry.ts'
import { buildDirectory } from './build-directory.ts'
import type { OnlineKeys } from './online-keys.ts'

/** A list that nobody changed is signed again after this long. */
const DIRECTORY_SECONDS = 12 * 3_600
const STATUS_QUIET_SECONDS = 3_600
/** While somebody asks: old enough to be worth a signature, young enough for a `ttl` of 60 s. */
const STATUS_ASKED_SECONDS = 30

/** Keeps directory and status list saying what the store says. */
export type Publisher = ReturnType<typeof createPublisher>

/**
 * Signs what is due after a commit, several changes at once. Lists are stored in one transaction with their journal rows
 * and then taken into the hub's own trust by the same checks as everywhere else; then `accepted` is told.
 */
export function createPublisher(r: Registry, keys: Pick<OnlineKeys, 'signer'>, accepted: () => void) {
  let running: Promise<void> | undefined
  let told: string | undefined

  /** Resolves once nothing is due; throws DISK_FULL and the like, what was due then stays due. */
  function published(): Promise<void> {
    if (running === undefined && !(r.due.directory || r.due.status)) return Promise.resolve()
    running ??= publishAll().finally(() => {
      running = undefined
    })
    return running
  }

  async function publishAll(): Promise<void> {
    while (r.due.directory || r.due.status) await publishOnce()
  }

  async function publishOnce(): Promise<void> {
    const taken = { directory: false, status: false }
    // A clock that was set back would have us sign, and store, what nobody accepts: CLOCK_SKEW before anything is done.
    r.clock.raiseFloor(r.clock.now())
    try {
      const made = await r.commit(() => {
        Object.assign(taken, r.due)
        Object.assign(r.due, { directory: false, status: false })
        return {
          directory: taken.directory ? signDirectory() : undefined,
          status: taken.status ? signStatus() : undefined,
        }
      })
      if (made.directory !== undefined) r.trust.acceptDirectory(made.directory.text, made.directory.parts)
      if (made.status !== undefined) r.trust.acceptStatus(made.status)
      accepted()
    } catch (error) {
      r.due.directory ||= taken.directory
      r.due.status ||= taken.status
      throw error
    }
  }

  function signDirectory(): { text: string; parts: ReadonlyMap<string, Buffer> } {
    const { content, parts } = buildDirectory(r)
    const root = r.trust.roots().at(-1) as VerifiedRoot
    const iat = r.clock.now()
    const version = nextVersion('directory', r.directories.newest()?.version)
    const payload = {
      net: r.trust.net,
      version,
      iat,
      exp: iat + LIMITS.directoryExpirySeconds,
      root: { version: root.payload.version, hash: root.id },
      ...content,
    }
    const document = sign('directory', payload)
    r.directories.add({ version, id: document.id, text: document.text, issued: iat }, parts)
    r.journal.append('directory', document.id)
    return { text: document.text, parts }
  }

  function signStatus(): string {
    const iat = r.clock.now()
    const version = nextVersion('status', r.places.newest()?.version)
    const regions = [...r.places.regions()]
    const status_list = { bits: 2 as const, lst: encodeStatusList(r.places.notGood(), regions) }
    const payload = {
      net: r.trust.net,
      version,
      iat,
      exp: iat + LIMITS.statusExpirySeconds,
      ttl: LIMITS.statusTtlSeconds,
      // One that begins at place 0 is a plain Token Status List, which needs no word about regions.
      ...(regions.length > 1 ? { regions } : {}),
      status_list,
    }
    const document = sign('status', payload)
    r.places.replace({ version, id: document.id, text: document.text, issued: iat })
    // Signed again with nothing changed is no change: nobody needs to hear of it.
    if (status_list.lst !== told) r.journal.append('status', document.id)
    told = status_list.lst
    return document.text
  }

  function sign<K extends 'directory' | 'status'>(kind: K, payload: ParsedDocument<K>['payload']): ParsedDocument<K> {
    return parseDocument(kind, signDocument(kind, payload, keys.signer('directory')))
  }

  /** Contract, Status: never down, also over a restored backup, whose numbers lie behind the clock. */
  function nextVersion(of: 'directory' | 'status', last = 0): number {
    return Math.max(last + 1, Number(r.facts.find(`lost-${of}`) ?? 0) + 1, r.clock.now())
  }

  /** Marks what has grown old; a status list ages faster while somebody asks for it. */
  function age(asked: boolean): void {
    const now = r.clock.now()
    const older = (row: { issued: number } | undefined, seconds: number) =>
      !(row !== undefined && now - row.issued < seconds)
    r.due.directory ||= older(r.directories.newest(), DIRECTORY_SECONDS)
    r.due.status ||= older(r.places.newest(), asked ? STATUS_ASKED_SECONDS : STATUS_QUIET_SECONDS)
  }

  return {
    published,
    /** Before answering somebody who asks for the status list, and from time to time. */
    async refreshed(asked: boolean): Promise<void> {
      age(asked)
      await published()
    },
  }
}
