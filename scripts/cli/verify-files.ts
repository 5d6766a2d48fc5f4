import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import type { ProofVerdict } from '#schemas/verify-proof.ts'
import type { CommandContext, Outcome, Values } from './command.ts'
import { EXIT } from './exit-code.ts'
import { hashFile } from './place-files.ts'
import { readInput, refusingFileErrors } from './read-input.ts'

/** A verdict with the file that it is about. */
export type FileVerdict = ProofVerdict & { readonly file: string }

/**
 * `verify FILE… --root FP`: of several files everything must hold; what one says stands at the top, the rest in `proofs`. Ends
 * with 1 when anything does not hold.
 */
export async function verifyFiles(values: Values, context: CommandContext): Promise<Outcome> {
  const fingerprint = parseFingerprint(String(values['root']))
  const verdicts: FileVerdict[] = []
  for (const file of values['files'] as readonly string[]) verdicts.push(await verifyFile(file, fingerprint, context))
  const ok = verdicts.every((one) => one.ok)
  const [first] = verdicts
  const result = verdicts.length === 1 ? first : { ...first, ok, checks: joined(verdicts), proofs: verdicts }
  return { result, exit: ok ? EXIT.done : EXIT.refused }
}

async function verifyFile(file: string, fingerprint: string, context: CommandContext): Promise<FileVerdict> {
  const text = await readInput(file, context)
  const [{ verifyProof }, { askJose }] = await Promise.all([
    import('#schemas/verify-proof.ts'),
    import('#schemas/second-opinion.ts'),
  ])
  const folder = file === '-' ? '.' : dirname(resolve(file))
  const hashBeside = async (name: string) => {
    // The name is the document's: it must not lead elsewhere.
    if (!(name === basename(name))) throw new Refusal('PROOF_INVALID', { path: name })
    const path = join(folder, name)
    return existsSync(path) ? refusingFileErrors(path, () => hashFile(path)) : undefined
  }
  return { ...(await verifyProof(text, fingerprint, hashBeside, askJose)), file }
}

const joined = (verdicts: readonly FileVerdict[]) =>
  verdicts.flatMap(({ file, checks }) => checks.map((check) => ({ ...check, file })))

/** Whole, whatever other ids may be shortened to: all trust rests on it. Colons and blanks, as other tools print them, are forgiven. */
function parseFingerprint(typed: string): string {
  const fingerprint = typed.replace(/[\s:]/g, '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint
  const detail = { zh: '指纹应为完整的 64 位十六进制数', en: 'A fingerprint is 64 hex digits, all of them' }
  throw new Refusal('USAGE', { rule: '--root FINGERPRINT', detail })
}
