import { refusalFromProblem } from '#schemas/refusal.ts'
import { runWith } from '../cli/fake-server.ts'
import type { Party } from './start-network.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at key by key
type Json = any

/** The command line at one running server: its JSON; throws the refusal it printed. */
export async function command({ dataDir }: Pick<Party, 'dataDir'>, ...words: string[]): Promise<Json> {
  const { code, stdout } = await runWith([...words, '--data', dataDir, '--json'])
  const value = JSON.parse(stdout)
  if (code !== 0) throw refusalFromProblem(value)
  return value
}

/** `hanghui verify`: the checks of these proofs that do not hold, and whether all does. */
export async function verifyProofs(root: string, ...files: string[]): Promise<{ ok: boolean; failed: string[] }> {
  const { stdout } = await runWith(['verify', ...files, '--root', root, '--json'])
  const { ok, checks } = JSON.parse(stdout)
  const failed = checks
    .filter((check: { ok: boolean }) => !check.ok)
    .map(({ detail }: { detail: { en: string } }) => detail.en)
  return { ok, failed }
}
