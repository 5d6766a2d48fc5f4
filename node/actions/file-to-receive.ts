import type { ManifestFile } from '#schemas/kinds.ts'
import type { ReceivedFile } from './count-received.ts'
import type { EarlierFile } from './find-earlier-files.ts'
import type { OwnerSession } from './open-session.ts'
import type { Places } from './take-places.ts'

/** One file of a pull. */
export interface FileToReceive {
  readonly pull: string
  readonly n: number
  readonly file: ManifestFile
  readonly earlier: readonly EarlierFile[]
}

/** Where a file's bytes are counted and shown, and the places it shares with the other files of its pull. */
export interface ReceiveOptions {
  readonly session: OwnerSession
  readonly received: ReceivedFile
  readonly places: Places
  /** Aborts when the pull ends, or another of its files has failed. */
  readonly signal: AbortSignal
}
