import type { ManifestFile } from '#schemas/kinds.ts'
import type { ReceivedBytes } from './count-received.ts'
import type { EarlierFile } from './find-earlier-files.ts'
import type { OwnerSession } from './open-session.ts'

/** One file of a pull. */
export interface FileToReceive {
  readonly pull: string
  readonly n: number
  readonly file: ManifestFile
  readonly earlier: readonly EarlierFile[]
}

/** Where bytes are counted and shown. */
export interface ReceiveOptions {
  readonly session: OwnerSession
  readonly received: ReceivedBytes
}
