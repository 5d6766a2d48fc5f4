import { existsSync, statSync } from 'node:fs'
import { parseDocument } from '#schemas/document.ts'
import type { ManifestFile, Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import { hashFile } from '../chunks/hash-file.ts'
import type { Blobs } from '../store/blobs.ts'
import type { Papers } from '../store/papers.ts'
import type { Pull, Pulls } from '../store/pulls.ts'
import type { Field, TableSchema } from '../tables/table-schema.ts'
import { filesInScope } from './verify-manifest.ts'

interface Deps {
  readonly pulls: Pulls
  readonly papers: Papers
  readonly blobs: Blobs
}

/** A file that a pull brought. */
export interface ResultFile extends Pick<ManifestFile, 'path' | 'mediaType' | 'bytes' | 'sha256'> {
  /** Its place in the manifest. */
  readonly n: number
  /** Where it lies, whole and verified; undefined while it is not here. */
  readonly at: string | undefined
}

/** A pull with what it brought: who signed the version and when (Unix seconds), and its files. */
export interface PullResultView {
  readonly row: Pull
  readonly signed: number
  readonly signer: string
  /** Columns as the owner described them; none where the version has no schema. */
  readonly fields: readonly Field[]
  readonly files: readonly ResultFile[]
}

/** PULL_UNKNOWN. A file that is in `blobs/` under its hash was verified chunk by chunk before it got that name. */
export function readResult({ pulls, papers, blobs }: Deps, pull: string): PullResultView {
  const row = pulls.find(pull)
  const version = row && pulls.findVersion(row.manifest)
  if (row === undefined || version === undefined) throw new Refusal('PULL_UNKNOWN', { pull })
  const { payload, signatures } = parseDocument('manifest', version.text)
  const agreement = papers.find(row.agreement)
  const terms: Pick<Terms, 'files'> =
    agreement === undefined ? { files: 'all' } : parseDocument('agreement', agreement.text).payload.terms
  return {
    row,
    signed: payload.iat,
    signer: signatures[0]?.thumbprint ?? '',
    fields: (payload.schema as TableSchema | null)?.fields ?? [],
    files: filesInScope(payload, terms as Terms).map(({ n, file: { path, mediaType, bytes, sha256 } }) => {
      const at = blobs.pathOf(sha256)
      return { n, path, mediaType, bytes, sha256, at: existsSync(at) && statSync(at).size === bytes ? at : undefined }
    }),
  }
}

/** The file by its place in the manifest. NOT_FOUND. */
export function fileOf({ files }: PullResultView, n: number): ResultFile & { readonly at: string } {
  const file = files.find((one) => one.n === n)
  if (file?.at === undefined) throw new Refusal('NOT_FOUND', { file: n })
  return { ...file, at: file.at }
}

/** Hashes every file of a pull once more, as it lies on the disk now. FILE_TAMPERED names the first that is not what was signed. */
export async function checkResult(deps: Deps, pull: string, { progress, signal }: ActionContext): Promise<object> {
  const { files } = readResult(deps, pull)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const { n, path, sha256, bytes } of files) {
    signal.throwIfAborted()
    progress({ phase: 'verify', done, total, unit: 'bytes' })
    const { at } = fileOf({ files } as PullResultView, n)
    const digest = await hashFile(at)
    if (!(digest.sha256 === sha256)) throw new Refusal('FILE_TAMPERED', { file: path, expected: sha256 })
    done += bytes
  }
  return { pull, files: files.length, bytes: done }
}
