import { join } from 'node:path'
import { withDatabase } from './speak-as.ts'
import { eventually, type Party } from './start-network.ts'

/** Version of the newest root that a node has accepted and stored. */
export function rootSeenBy({ dataDir }: Party): number {
  const { version } = withDatabase(
    join(dataDir, 'node.db'),
    (db) => db.prepare('SELECT max(version) AS version FROM roots').get() as { version: number },
  )
  return version
}

/** Waits until every node has that root. */
export const followRoot = (nodes: readonly Party[], version: number): Promise<true> =>
  eventually(
    async () => nodes.every((node) => rootSeenBy(node) === version) && true,
    `every node has root ${version}`,
    300,
  )
