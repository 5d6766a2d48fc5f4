import { access, constants } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { downloadFile } from '#web/serving/call-control.ts'
import { ask } from './call-action.ts'
import type { CommandContext, Outcome, Values } from './command.ts'
import { copyFile } from './copy-file.ts'
import { hashFile, type PlacedFile, placeFiles, placeProof, requireProofPlace } from './place-files.ts'
import { openProgress } from './progress-bar.ts'

/** What the action answers beyond the contract: handles of the files and the text of the proof. */
interface Pulled {
  readonly pull: string
  readonly files: readonly PlacedFile[]
  readonly proof: string
  readonly proofFile: string
  readonly [key: string]: unknown
}

/**
 * `node pull`: the node pulls and verifies, then the files and the proof are written here, and the node hears that they stand;
 * a command that broke off before joins the same pull. When the owner is away for the acknowledgement only, the data are whole:
 * they are written all the same, and the refusal still says that something is open.
 */
export async function pull(values: Values, context: CommandContext): Promise<Outcome> {
  const { target, out = '.', version } = values
  const dir = resolve(String(out))
  const named = String(target).includes('/') ? { dataset: target } : { agreement: target }
  try {
    const asked = { ...named, ...(version === undefined ? {} : { version }), confirms: true }
    const pulled = (await ask('pull', asked, context)) as Pulled
    const result = await writePulled(pulled, dir, context)
    await confirm(pulled, context)
    return { result }
  } catch (error) {
    if (!(isRefusal(error, 'OWNER_UNREACHABLE') && Array.isArray(error.facts['files']))) throw error
    const written = await writePulled(error.facts as unknown as Pulled, dir, context)
    const { proofFile: _, ...facts } = error.facts
    throw new Refusal('OWNER_UNREACHABLE', { ...facts, ...written })
  }
}

/** A node that has just stopped has the pull joined once more: in nobody's way, since the files are there. */
async function confirm({ pull }: Pulled, context: CommandContext): Promise<void> {
  try {
    await ask('pull-taken', { pull }, context)
  } catch (error) {
    if (!isRefusal(error, 'NOT_RUNNING')) throw error
  }
}

async function writePulled(pulled: Pulled, dir: string, context: CommandContext): Promise<Record<string, unknown>> {
  const { proofFile, files, ...result } = pulled
  if (files.some(({ path }) => path === pulled.proof)) throw new Refusal('FILE_EXISTS', { path: pulled.proof })
  requireProofPlace(dir, pulled.proof)
  const progress = openProgress(context)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  try {
    await placeFiles(
      dir,
      files,
      (file, path, onBytes) => fetchFile(context.dataDir, file, path, onBytes),
      (done) => progress.show({ phase: 'write', done, total, unit: 'bytes' }),
    )
  } finally {
    progress.clear()
  }
  await placeProof(dir, pulled.proof, proofFile)
  return {
    ...result,
    dir,
    proof: join(dir, pulled.proof),
    files: files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
  }
}

/** From the node's own folder where it can be read from here; else the server sends it (its folder is in another container). */
async function fetchFile(
  dataDir: string,
  { handle, blob }: PlacedFile,
  path: string,
  onBytes: (done: number) => void,
): Promise<string> {
  if (blob !== undefined && (await isReadable(blob))) return copyFile(blob, path, onBytes)
  await downloadFile(dataDir, handle, path, onBytes, 0o666)
  return hashFile(path)
}

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}
