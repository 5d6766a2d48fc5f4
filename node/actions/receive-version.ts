import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { requireRoom } from '#schemas/storage/disk-room.ts'
import type { Verified } from '#schemas/verified.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Pull, Pulls } from '../store/pulls.ts'
import type { AcknowledgePull } from './acknowledge-pull.ts'
import { createReceivedBytes } from './count-received.ts'
import { findEarlierFiles } from './find-earlier-files.ts'
import type { ManifestFinder } from './find-manifest.ts'
import type { OwnerSession } from './open-session.ts'
import type { OrderPull } from './order-pull.ts'
import type { ReceiveFile } from './receive-file.ts'
import { sideBySide } from './side-by-side.ts'
import { createPlaces } from './take-places.ts'
import { filesInScope, type VerifiedManifest } from './verify-manifest.ts'

type Deps = Pick<ExchangeDeps, 'commit' | 'blobs'> & {
  readonly pulls: Pulls
  readonly manifests: ManifestFinder
  readonly orderPull: OrderPull
  readonly receiveFile: ReceiveFile
  readonly acknowledgements: AcknowledgePull
}

/** Files of one pull that are under way at once, and ranges of them all: enough to fill a long line, few enough to hold in memory. */
const FILES = 4
const RANGES = 4

/** Bytes verified so far of those that the pull covers. */
export type OnBytes = (done: number, total: number) => void

export type ReceiveVersion = ReturnType<typeof createReceiveVersion>

/** The whole of one pull but its papers: manifest, order, files. Picks up wherever a stop left it. */
export function createReceiveVersion({
  commit,
  blobs,
  pulls,
  manifests,
  orderPull,
  receiveFile,
  acknowledgements,
}: Deps) {
  /** Gives the pull, all its content verified and durable. */
  return async function receiveVersion(
    session: OwnerSession,
    version: number | undefined,
    onBytes: OnBytes,
  ): Promise<string> {
    const { pull, manifest } = await openPull(session, version)
    if ((pulls.find(pull) as Pull).whole === 1) return pull
    try {
      await receiveFiles(session, pull, manifest, onBytes)
    } catch (error) {
      if (isRefusal(error)) await commit(() => pulls.setProblem(pull, error.code))
      // Closed at the owner after seven days, or lost there: what came of it is said, then a new pull begins.
      if (!isRefusal(error, 'PULL_CLOSED', 'PULL_UNKNOWN')) throw error
      await acknowledgements.abandon(session, pull)
      const again = await orderPull(session, { version: manifest.payload.version, manifest: manifest.id })
      await receiveFiles(session, again, manifest, onBytes)
      return again
    }
    return pull
  }

  /** Joins the pull that is open, or opens one; either way with its verified manifest, kept on disk. */
  async function openPull(
    session: OwnerSession,
    version: number | undefined,
  ): Promise<{ pull: string; manifest: Verified<VerifiedManifest> }> {
    const joined = version === undefined ? undefined : pulls.findOpenVersion(session.agreement.id, version)
    const known = joined === undefined ? undefined : pulls.findVersion(joined.manifest)
    const first =
      known === undefined
        ? await manifests.find(session, version)
        : await manifests.verify(session, known.text, version)
    if (first !== undefined) {
      // Before the order: what cannot come is not begun, nor counted.
      requireRoomFor(session, first)
      return { pull: await orderPull(session, { version: first.payload.version, manifest: first.id }), manifest: first }
    }
    // The owner has not heard of the agreement: it comes with an order for the version of the entry agreed to.
    const { version: agreed, manifest: id } = session.line.entry.payload
    if (!(version === undefined || version === agreed))
      throw new Refusal('AGREEMENT_NOT_OURS', {
        version,
        rule: 'the owner does not know the agreement yet; pull the version agreed on first',
      })
    const pull = await orderPull(session, { version: agreed, manifest: id })
    const manifest = await manifests.fetch(session, agreed, id)
    requireRoomFor(session, manifest)
    return { pull, manifest }
  }

  /** DISK_FULL unless all that is not here yet fits beside what the databases need (threats F6). */
  function requireRoomFor({ agreement }: OwnerSession, { payload }: Verified<VerifiedManifest>): void {
    const sizes = new Map(filesInScope(payload, agreement.payload.terms).map(({ file }) => [file.sha256, file.bytes]))
    const missing = [...sizes].map(([hash, bytes]) => Math.max(0, bytes - blobs.takenBytes(hash)))
    requireRoom(
      missing.reduce((sum, bytes) => sum + bytes, 0),
      blobs.room,
    )
  }

  async function receiveFiles(
    session: OwnerSession,
    pull: string,
    manifest: Verified<VerifiedManifest>,
    onBytes: OnBytes,
  ): Promise<void> {
    const files = filesInScope(manifest.payload, session.agreement.payload.terms)
    if (files.length === 0)
      throw new Refusal('SCOPE_EXCEEDED', { rule: 'this version has none of the files agreed on' })
    const total = files.reduce((sum, { file }) => sum + file.bytes, 0)
    const received = createReceivedBytes({ commit, pulls }, pull, (done) => onBytes(done, total))
    const places = createPlaces(RANGES)
    onBytes(0, total)
    try {
      await sideBySide(files, FILES, async ({ n, file }, stop) => {
        const signal = AbortSignal.any([session.signal, stop])
        signal.throwIfAborted()
        const earlier = findEarlierFiles({ pulls, blobs }, manifest.payload, file)
        await receiveFile({ pull, n, file, earlier }, { session, received: received.openFile(), places, signal })
      })
    } finally {
      await received.flush()
    }
    await commit(() => {
      pulls.complete(pull)
      pulls.completeVersion(manifest.id)
    })
  }
}
