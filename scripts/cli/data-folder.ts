import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Group } from './command.ts'

/** `--data` > HANGHUI_DATA > `/var/lib/hanghui/…` for root, else `~/.local/share/hanghui/…`. Full path. */
export function chooseDataFolder(
  flag: string | undefined,
  group: Group,
  env: NodeJS.ProcessEnv,
  isRoot = process.geteuid?.() === 0,
): string {
  const given = flag || env['HANGHUI_DATA']
  if (given) return resolve(given)
  const base = isRoot ? '/var/lib/hanghui' : join(homedir(), '.local', 'share', 'hanghui')
  return join(base, group === 'node' ? 'node' : 'hub')
}
