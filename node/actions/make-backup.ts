import { packBackup } from '../backup.ts'
import type { NodeDeps } from '../deps.ts'

/** `hanghui node backup`: a file for the command line to fetch, by `handle`. */
export async function makeBackup({
  db,
  dataDir,
  transfers,
  blobs,
}: NodeDeps): Promise<{ handle: string; sha256: string; bytes: number }> {
  const path = transfers.scratchPath()
  const { sha256, bytes } = await packBackup({ db, dataDir, blobs: blobs.folder, path })
  return { handle: transfers.offer(path), sha256, bytes }
}
