import { backUp, restore, showRestored } from './back-up.ts'
import type { Command } from './command.ts'
import { asFacts } from './show-result.ts'

/** `backup` and `restore` of either server. */
export function keepingCommands(server: 'hub' | 'node'): readonly Command[] {
  const example = `/backup/${server}-2026-11-24.hhb`
  return [
    {
      words: [server, 'backup'],
      args: [{ name: 'file', about: { zh: '备份写到这个文件', en: 'write the backup to this file' } }],
      about: { zh: '备份，不停机', en: 'back up while it runs' },
      examples: [{ about: { zh: '写到文件', en: 'to a file' }, line: `${server} backup ${example}` }],
      run: backUp,
      render: asFacts({ zh: '备份完成', en: 'Backed up' }, ['file', 'sha256']),
    },
    {
      words: [server, 'restore'],
      args: [{ name: 'file', about: { zh: '备份文件', en: 'the backup' } }],
      about: { zh: '从备份恢复到空的数据目录', en: 'restore a backup into an empty data folder' },
      examples: [
        {
          about: { zh: `恢复到 ./${server}`, en: `into ./${server}` },
          line: `${server} restore ${example} --data ./${server}`,
        },
      ],
      run: restore,
      render: showRestored,
    },
  ]
}
