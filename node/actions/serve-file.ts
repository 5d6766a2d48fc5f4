import { type FileHandle, open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { ManifestFile } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { type ByteRange, pumpFile } from '#web/serving/pump-file.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { ServedPull, ServedPulls } from '../store/served-pulls.ts'
import type { OpenRight } from './open-right.ts'
import type { RunningTransfers } from './running-transfers.ts'
import { storeEvidence } from './store-evidence.ts'

type Deps = Pick<ExchangeDeps, 'clock' | 'trust' | 'datasets' | 'blobs' | 'commit' | 'log'> & {
  readonly servedPulls: ServedPulls
  readonly openRight: OpenRight
  readonly transfers: RunningTransfers
}

/** Who asks, on which connection, with which grant. */
export interface Asker {
  readonly member: string
  readonly thumbprint: string
  readonly grant: string
}

/** A file of a pull that may be served now. */
export interface ServableFile {
  readonly pull: ServedPull
  readonly file: ManifestFile
}

/** Content that left is recorded at least this often, and at the end of each answer. */
const RECORD_BYTES = 32 * 1024 * 1024

const MOST_READ = 64

export type FileServer = ReturnType<typeof createFileServer>

/** Protocol 6.6, owner's side. */
export function createFileServer({
  clock,
  trust,
  datasets,
  blobs,
  commit,
  log,
  servedPulls,
  openRight,
  transfers,
}: Deps) {
  const read = new Map<string, readonly ManifestFile[]>()

  /** The file, if the asker's right covers it at this moment and its pull is open. */
  async function requireFile(asker: Asker, pullId: string, n: number): Promise<ServableFile> {
    const { granted, agreement } = await openRight(asker.grant, asker.thumbprint)
    const pull = servedPulls.find(pullId)
    // Another member's pull is not to be told from none at all.
    if (pull === undefined || pull.consumer !== asker.member) throw new Refusal('PULL_UNKNOWN', { pull: pullId })
    if (!(pull.agreement === granted.grant.agreement))
      throw new Refusal('GRANT_SCOPE', { rule: 'the grant is of the agreement of the pull' })
    requireOpen(pull)
    const file = filesOf(pull.manifest)[n]
    if (file === undefined) throw new Refusal('NOT_FOUND', { rule: 'n counts the files of the manifest from 0' })
    const { files } = agreement.payload.terms
    if (!(files === 'all' || files.includes(file.path))) throw new Refusal('SCOPE_EXCEEDED', { file: file.path })
    if (!blobs.has(file.sha256))
      throw new Refusal('FILE_TAMPERED', { rule: 'the published file is gone; restore the backup' })
    // No evidence, no action: what cannot be written down is not served, and it is found out before the first byte.
    await storeEvidence(commit, () => servedPulls.touch(pull.pull, clock.now()))
    return { pull, file }
  }

  /** Manifests never change, and one of 200 files takes longer to read than a range to send. */
  function filesOf(manifest: string): readonly ManifestFile[] {
    const known = read.get(manifest)
    if (known !== undefined) return known
    const files = datasets.findManifest(manifest)?.payload.files ?? []
    if (read.size >= MOST_READ) read.delete(read.keys().next().value as string)
    read.set(manifest, files)
    return files
  }

  function requireOpen(pull: ServedPull): void {
    const open = pull.closed === null && clock.now() < pull.opened + trust.limits().pullOpenSeconds
    if (!open) throw new Refusal('PULL_CLOSED', { pull: pull.pull })
  }

  /** Asked in the tick in which the transfer begins: its pull may have closed while the request was written down. */
  function requireStart({ member }: Asker, { pull }: ServableFile): void {
    requireOpen(servedPulls.find(pull.pull) as ServedPull)
    transfers.requireRoom(member, pull.pull)
  }

  /**
   * Streams a range; everything that can be refused was refused before, by `requireStart` in the same tick. Ends or destroys
   * the answer, and stores what may have left: every block that was begun, whether or not its end is known.
   */
  async function serveRange(
    asker: Asker,
    { pull, file }: ServableFile,
    range: ByteRange,
    response: ServerResponse,
  ): Promise<void> {
    const finished = Promise.withResolvers<void>()
    const controller = new AbortController()
    transfers.add({ ...asker, pull: pull.pull, agreement: pull.agreement, controller, done: finished.promise })
    let unrecorded = 0
    let handle: FileHandle | undefined
    const record = async () => {
      const bytes = unrecorded
      if (bytes > 0) await commit(() => servedPulls.addBytes(pull.pull, bytes, clock.now()))
      unrecorded -= bytes
    }
    try {
      handle = await open(blobs.pathOf(file.sha256), 'r')
      writeHead(response, file, range)
      await pumpFile(handle, range, response, {
        signal: controller.signal,
        idleMilliseconds: LIMITS.idleTransferMilliseconds,
        onSent(bytes) {
          unrecorded += bytes
          return unrecorded >= RECORD_BYTES ? record() : undefined
        },
      })
      await record()
      response.end()
    } catch (error) {
      response.destroy()
      if (!isRefusal(error, 'TRANSFER_CUT') && !controller.signal.aborted)
        log.error({ err: error, pull: pull.pull }, 'transfer failed')
      await recordEnd(pull, controller.signal.aborted, record)
    } finally {
      await handle?.close()
      finished.resolve()
    }
  }

  /** The answer is over; a record that cannot be written now is all that can still go wrong, and it is said aloud. */
  async function recordEnd({ pull }: ServedPull, cut: boolean, record: () => Promise<void>): Promise<void> {
    try {
      await record()
      if (cut) await commit(() => servedPulls.markCut(pull))
    } catch (error) {
      log.error({ err: error, pull }, 'bytes of a broken transfer could not be recorded')
    }
  }

  return {
    requireFile,
    requireStart,
    serveRange,
    readList: ({ file }: ServableFile): Buffer => blobs.read(file.chunks.list.sha256),
  }
}

function writeHead(response: ServerResponse, file: ManifestFile, { from, to }: ByteRange): void {
  response.writeHead(206, {
    'content-type': 'application/octet-stream',
    'content-length': to - from + 1,
    'content-range': `bytes ${from}-${to}/${file.bytes}`,
    etag: `"${file.sha256}"`,
    'cache-control': 'no-store',
    'accept-ranges': 'bytes',
  })
}

/** Protocol 6.6: one range `bytes=a-b` inside the file; suffix, open, several or foreign ranges are RANGE_INVALID (RFC 9110 §14.2). */
export function parseRange(header: string | undefined, bytes: number): ByteRange {
  const [, first, last] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(header ?? '') ?? []
  const [from, to] = [Number(first), Number(last)]
  if (!(from <= to && to < bytes)) throw new Refusal('RANGE_INVALID', { bytes })
  return { from, to }
}
