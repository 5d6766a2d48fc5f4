/** A process that owns a data folder and serves its control socket until it is killed. */
import { join } from 'node:path'
import { action } from '#web/serving/actions.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { lockDataFolder } from '#web/serving/data-folder.ts'
import { createLog } from '#web/serving/log.ts'
import { createTransfers } from '#web/serving/transfers.ts'

const dataDir = process.argv[2] as string
lockDataFolder(dataDir)
await serveControl({
  dataDir,
  actions: { pid: action({ type: 'object' }, () => process.pid) },
  transfers: createTransfers(join(dataDir, 'incoming')),
  log: createLog({ level: 'silent', name: 'child' }),
})
process.stdout.write('ready\n')
