import { existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import { downloadFile } from '#web/serving/call-control.ts'
import { ask } from './call-action.ts'
import { type CommandContext, groupOf, type Outcome, type Render, type Values } from './command.ts'
import { hashFile } from './place-files.ts'
import { refusingFileErrors } from './read-input.ts'
import { asFacts } from './show-result.ts'

/** `backup FILE`: the server makes it, it is written here; a file that is there is never overwritten. */
export async function backUp(values: Values, context: CommandContext): Promise<Outcome> {
  const file = resolve(String(values['file']))
  if (existsSync(file)) throw new Refusal('FILE_EXISTS', { path: file })
  const made = (await ask('backup', {}, context)) as { handle: string; sha256: string; [key: string]: unknown }
  const { handle, ...result } = made
  await fetchTo(file, handle, context)
  if (!((await hashFile(file)) === made.sha256)) throw new Refusal('BACKUP_INVALID', { path: file })
  return { result: { ...result, file } }
}

/** Under another name until it is whole. */
async function fetchTo(file: string, handle: string, { dataDir }: CommandContext): Promise<void> {
  const partial = `${file}.partial-${process.pid}`
  await refusingFileErrors(file, async () => {
    try {
      await downloadFile(dataDir, handle, partial)
      renameSync(partial, file)
    } finally {
      rmSync(partial, { force: true })
    }
  })
}

/** `restore FILE`: without a server, into a folder that holds none. */
export async function restore(values: Values, { command, dataDir }: CommandContext): Promise<Outcome> {
  const file = resolve(String(values['file']))
  const sha256 = await refusingFileErrors(file, () => hashFile(file))
  const restored =
    groupOf(command) === 'hub'
      ? await (await import('../../hub/backup.ts')).restoreHub({ dataDir, file })
      : await (await import('../../node/backup.ts')).restoreNode({ dataDir, file })
  return { result: { ...restored, file, sha256, dataDir } }
}

/** What was restored, and where the passphrase of its keys has to lie before it can start: a backup never holds it. */
export const showRestored: Render = (
  result: { readonly passphraseFile: string; readonly passphrasePresent: boolean },
  language,
) => {
  const head = asFacts({ zh: '已恢复到 {dataDir}', en: 'Restored into {dataDir}' }, ['file', 'sha256'])
  const facts = head(result as never, language)
  if (result.passphrasePresent) return facts
  const missing = {
    zh: `备份不含密钥口令：启动前请把口令文件放到 ${result.passphraseFile}（权限 0600），或在 config.toml 用 passphrase_file 指明`,
    en: `A backup holds no passphrase: before the start put its file at ${result.passphraseFile} (mode 0600), or name it as passphrase_file in config.toml`,
  }
  return `${facts}\n${missing[language]}`
}
