import { fileURLToPath } from 'node:url'

/** Folder of the hub's migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../../schemas/migrations/hub', import.meta.url))
