import { parseDocument } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Certificates } from '../store/certificates.ts'
import type { Facts } from '../store/facts.ts'
import type { TrustTexts } from '../store/trust-texts.ts'
import type { RaiseAlarm } from './raise-alarm.ts'

export interface KeepTrustDeps {
  readonly trust: Trust
  readonly texts: TrustTexts
  readonly certificates: Certificates
  readonly facts: Facts
  readonly commit: Commit
  readonly journal: Journal
  readonly raiseAlarm: RaiseAlarm
}

/** Accepts what the hub says of trust and keeps it; a step back raises an alarm and changes nothing. */
export type TrustKeeper = ReturnType<typeof createTrustKeeper>

const ALARMING = ['STATUS_ROLLBACK', 'DIRECTORY_ROLLBACK', 'ROOT_ROLLBACK', 'ROOT_MISMATCH'] as const

export function createTrustKeeper({ trust, texts, certificates, facts, commit, journal, raiseAlarm }: KeepTrustDeps) {
  /**
   * Protocol 2.1, 2.4: newer roots and the directory under the newest of them. They are stored together: a root whose
   * directory is missing would leave a node that restarts while the hub is away without any. Returns whether it is new.
   */
  async function acceptDirectory(
    roots: readonly string[],
    text: string,
    parts: ReadonlyMap<string, Uint8Array>,
  ): Promise<boolean> {
    await alarming(() => requireNotOlder(text))
    const isNew = await alarming(() => {
      for (const root of roots) acceptRoot(root)
      return trust.acceptDirectory(text, parts)
    })
    // A full disk may have left in memory alone what came before.
    if (!isNew && texts.newestDirectory()?.text === text) return false
    const { payload, id } = parseDocument('directory', text)
    await commit(() => {
      for (const root of trust.roots()) texts.addRoot(root.payload.version, root.text)
      texts.addDirectory({ version: payload.version, iat: payload.iat, text }, parts)
      certificates.see(trust.members(), payload.iat)
      facts.set('hub', payload.hub.member)
      facts.set('enrolment', payload.hub.enrolment)
      journal.append('directory', id)
    })
    return true
  }

  /** The line as served begins at version 1; what we have is passed over, but must be the same. */
  function acceptRoot(text: string): void {
    const { version } = parseDocument('root', text).payload
    const known = trust.roots()[version - 1]
    if (known === undefined) trust.acceptRoot(text)
    else if (!(known.text === text)) throw new Refusal('ROOT_MISMATCH', { version, rule: 'one line of roots' })
  }

  /** After a start without a directory that verifies, trust has forgotten the version; the disk has not. */
  function requireNotOlder(text: string): void {
    const newest = texts.newestDirectory()
    if (newest === undefined || newest.text === text) return
    const { version } = parseDocument('directory', text).payload
    if (!(version > newest.version)) throw new Refusal('DIRECTORY_ROLLBACK', { version, newest: newest.version })
  }

  async function acceptStatus(text: string): Promise<boolean> {
    const isNew = await alarming(() => trust.acceptStatus(text))
    if (!isNew && texts.status() === text) return false
    const { version } = parseDocument('status', text).payload
    await commit(() => texts.setStatus(version, text))
    return true
  }

  async function alarming<T>(accept: () => T): Promise<T> {
    try {
      return accept()
    } catch (error) {
      if (isRefusal(error, ...ALARMING))
        await raiseAlarm(error.code, trust.net, {
          zh: `共享中心给出的信任资料被拒绝：${error.code}`,
          en: `What the hub says of trust was refused: ${error.code}`,
        })
      throw error
    }
  }

  return { acceptDirectory, acceptStatus }
}
