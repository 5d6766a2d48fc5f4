import { fileURLToPath } from 'node:url'

/** Folder of the node's migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../../schemas/migrations/node', import.meta.url))
