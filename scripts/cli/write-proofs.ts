import { join, resolve } from 'node:path'
import { ask } from './call-action.ts'
import type { CommandContext, Outcome, Values } from './command.ts'
import { placeProof } from './place-files.ts'

type Listed = Readonly<Record<string, unknown>> & { readonly proofFile?: string }

/** `node receipts [ID] [-o DIR]`: each receipt's proof is named after its pull. */
export const listReceipts = (values: Values, context: CommandContext): Promise<Outcome> =>
  listWithProofs('receipts', 'pull', values, context)

/** `node agreements [ID] [-o DIR]`: each agreement's proof is named after its id. */
export const listAgreements = (values: Values, context: CommandContext): Promise<Outcome> =>
  listWithProofs('agreements', 'id', values, context)

/** Lists; with `-o` also writes `<id>.proof.json` for each and says in `proof` where. */
async function listWithProofs(action: string, key: string, values: Values, context: CommandContext): Promise<Outcome> {
  const { out, ...rest } = values
  if (out === undefined) return { result: await ask(action, rest, context) }
  const dir = resolve(String(out))
  const listed = (await ask(action, { ...rest, proofs: true }, context)) as readonly Listed[]
  const result = []
  for (const { proofFile, ...one } of listed) {
    const name = `${String(one[key])}.proof.json`
    if (typeof proofFile === 'string') await placeProof(dir, name, proofFile)
    result.push(typeof proofFile === 'string' ? { ...one, proof: join(dir, name) } : one)
  }
  return { result }
}
