import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeDurably } from '#pki/durable-file.ts'
import { Refusal } from '#schemas/refusal.ts'
import { ask } from './call-action.ts'
import { actionOf, type CommandContext, type Outcome, type Values } from './command.ts'
import { readInput, refusingFileErrors } from './read-input.ts'

/** `pki export-p12`, `node staff add`: the server makes key and certificate, the file is written here for its owner alone. */
export async function exportPersonal(values: Values, context: CommandContext): Promise<Outcome> {
  const { out, passphraseFile, ...rest } = values
  const file = resolve(String(out))
  if (existsSync(file)) throw new Refusal('FILE_EXISTS', { path: file })
  const passphrase =
    passphraseFile === undefined
      ? {}
      : { passphrase: (await readInput(String(passphraseFile), context)).replace(/\r?\n$/, '') }
  const made = (await ask(actionOf(context.command), { ...rest, ...passphrase }, context)) as { pkcs12: string }
  const { pkcs12, ...result } = made
  await refusingFileErrors(file, async () => writeDurably(file, Buffer.from(pkcs12, 'base64'), 0o600))
  return { result: { ...result, file } }
}
