import type { Clock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { TightenableLimit } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { createTrust, type Trust } from '#schemas/trust.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import type { Logger } from '#web/serving/log.ts'
import type { Facts } from '../store/facts.ts'
import type { TrustTexts } from '../store/trust-texts.ts'

export interface OpenTrustDeps {
  readonly texts: TrustTexts
  readonly facts: Facts
  readonly clock: Clock
  readonly limits: Partial<Record<TightenableLimit, number>>
  readonly log: Logger
}

/**
 * Trust from disk, through the same accept functions as from the wire. A directory or status list that does not verify
 * any more (its online key has ended meanwhile) leaves the node without one until the hub gives a newer: nothing is
 * served before.
 */
export function openTrust({ texts, facts, clock, limits, log }: OpenTrustDeps): Trust {
  const roots = texts.roots()
  if (roots.length === 0) throw new Refusal('NOT_INITIALISED')
  const trust = createTrust(verifyRootLine(roots, facts.get('fingerprint')), clock, limits)
  trying(log, 'directory', () => {
    const row = texts.newestDirectory()
    if (row !== undefined) trust.acceptDirectory(row.text, partsOf(row.text, texts))
  })
  trying(log, 'status', () => {
    const text = texts.status()
    if (text !== undefined) trust.acceptStatus(text)
  })
  return trust
}

/** The parts that a directory names, as far as they are at hand. */
export function partsOf(text: string, texts: Pick<TrustTexts, 'findPart'>): Map<string, Uint8Array> {
  const parts = new Map<string, Uint8Array>()
  for (const hash of parseDocument('directory', text).payload.parts) {
    const bytes = texts.findPart(hash)
    if (bytes !== undefined) parts.set(hash, bytes)
  }
  return parts
}

function trying(log: Logger, what: string, accept: () => void): void {
  try {
    accept()
  } catch (error) {
    if (!isRefusal(error)) throw error
    log.warn({ what, refused: error.code }, 'what was kept does not verify any more; waiting for the hub')
  }
}
