import { chmodSync, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeDurably } from '#pki/durable-file.ts'
import { Refusal } from '#schemas/refusal.ts'
import { downloadFile } from '#web/serving/call-control.ts'
import { ask } from './call-action.ts'
import { actionOf, type CommandContext, type Outcome, type Render, type Values } from './command.ts'
import { readInput, refusingFileErrors } from './read-input.ts'
import { asFacts } from './show-result.ts'

/** What the hub answers: done, or a proposal that waits for the root key where it lies. */
interface Proposed {
  readonly state: 'installed' | 'proposed'
  readonly proposal?: unknown
  readonly [key: string]: unknown
}

/** `pki root show`: with `-o` the line of roots goes into a file, as `/v1/root` answers it, for whoever keeps or compares it. */
export async function showRoot({ out }: Values, context: CommandContext): Promise<Outcome> {
  const file = out === undefined ? undefined : requireFree(String(out))
  const root = (await ask('root-show', {}, context)) as { readonly roots: readonly string[] }
  if (file !== undefined) await write(file, `${JSON.stringify({ roots: root.roots }, null, 1)}\n`)
  return { result: { ...root, file: file ?? null } }
}

/** `pki root rotate`, `pki root crl`, `hub ca add|remove`: while the root key lies at the hub it is done; else the proposal goes into a file. */
export async function proposeChange(values: Values, context: CommandContext): Promise<Outcome> {
  const { command } = context
  const { out, ...typed } = values
  const rest = command.arguments === undefined ? typed : await command.arguments(typed, context)
  const file = out === undefined ? undefined : requireFree(String(out))
  const { proposal, ...result } = (await ask(actionOf(command), rest, context)) as Proposed
  if (proposal === undefined) return { result: { ...result, file: null } }
  if (file === undefined) return { result: { ...result, proposal, file: null } }
  await write(file, `${JSON.stringify(proposal, null, 1)}\n`)
  return { result: { ...result, file } }
}

/**
 * `pki root sign FILE`: with `--key-file` it signs a proposal on the machine that holds the root key, without network or data
 * folder; without it the hub takes what was signed, or signs what waits where it holds the key itself.
 */
export async function signRootFile(values: Values, context: CommandContext): Promise<Outcome> {
  const { file, keyFile, passphraseFile, newKeyFile, out, as } = values as Readonly<Record<string, string | undefined>>
  if (keyFile === undefined) {
    const given = {
      ...(file === undefined ? {} : { file: await readInput(file, context) }),
      ...(as === undefined ? {} : { as }),
    }
    return {
      result: { file: file ?? null, ...((await ask('root-sign', given, context)) as object) },
    }
  }
  if (file === undefined || passphraseFile === undefined || out === undefined) throw lacking()
  const proposal = await readInput(file, context)
  const target = requireFree(out)
  const passphrase = (await readInput(passphraseFile, context)).replace(/\r?\n$/, '')
  const { signOffline } = await import('../../hub/ceremony.ts')
  const newKey = newKeyFile === undefined ? {} : { newKeyFile: requireFree(newKeyFile) }
  const { kind, signed } = await signOffline({ proposal, keyFile: resolve(keyFile), passphrase, ...newKey })
  await write(target, signed)
  return { result: { file: target, kind, state: 'signed' } }
}

/** `pki root export`: the root key under a passphrase of its own, to be carried to where it stays. */
export async function exportRootKey(values: Values, context: CommandContext): Promise<Outcome> {
  const { out, passphraseFile, as } = values
  const file = requireFree(String(out))
  const passphrase = (await readInput(String(passphraseFile), context)).replace(/\r?\n$/, '')
  const asked = { passphrase, ...(as === undefined ? {} : { as }) }
  const { handle, ...result } = (await ask('root-export', asked, context)) as { handle: string }
  await refusingFileErrors(file, () => downloadFile(context.dataDir, handle, file))
  chmodSync(file, 0o600)
  return { result: { ...result, file } }
}

/** How a change reads: done, or what waits for the offline key, and where. */
export function asProposed(sentence: Parameters<typeof asFacts>[0], keys: readonly string[]): Render {
  return (result: Proposed, language) => {
    const shown = result.state === 'proposed' ? [...keys, 'file', 'proposal'] : keys
    return asFacts(sentence, shown)(result as never, language)
  }
}

const write = (file: string, text: string) => refusingFileErrors(file, async () => writeDurably(file, text, 0o644))

function requireFree(path: string): string {
  const file = resolve(path)
  if (existsSync(file)) throw new Refusal('FILE_EXISTS', { path: file })
  return file
}

function lacking(): Refusal {
  const detail = {
    zh: '离线签名需要 --key-file、--passphrase-file 和 -o',
    en: 'Signing offline needs --key-file, --passphrase-file and -o',
  }
  return new Refusal('USAGE', { detail })
}
