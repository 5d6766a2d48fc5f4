import { createHash } from 'node:crypto'
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeDurably } from '#pki/durable-file.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type BackedFile, openBackup, writeBackup } from '#schemas/storage/backup-file.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { environment } from '#web/serving/config.ts'
import { ownNewFolder } from '#web/serving/data-folder.ts'
import { passphrasePath } from '#web/serving/passphrase.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import { makeBuilding, moveOut, requireFresh } from './init.ts'
import type { Registry } from './registry.ts'
import { namesIn } from './store/keyring.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { markRestored } from './store/places.ts'

const KIND = 'hub'
const KEY_PATH = /^keys\/[a-z]+-[0-9a-f]{16}\.key$/

/**
 * Everything a hub is, in one file offered for fetching, taken while it runs: database, keys as they lie encrypted,
 * configuration. Not the passphrase, which is kept apart. What is journalled after this moment is not in it.
 */
export async function backUp(
  r: Pick<Registry, 'db' | 'dataDir'>,
  transfers: Transfers,
): Promise<{ handle: string; sha256: string; bytes: number }> {
  const path = transfers.scratchPath()
  const keys = join(r.dataDir, 'keys')
  const files: BackedFile[] = [
    { path: 'config.toml', bytes: readFileSync(join(r.dataDir, 'config.toml')) },
    ...namesIn(keys).map((name) => ({ path: `keys/${name}`, bytes: readFileSync(join(keys, name)) })),
  ]
  writeBackup(r.db, path, KIND, files)
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path)) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
  }
  return { handle: transfers.offer(path), sha256: hash.digest('hex'), bytes }
}

/** Where the passphrase of the keys is to lie before the restored hub can start, unless `config.toml` names another place. */
export interface Restored {
  readonly dataDir: string
  readonly passphraseFile: string
  readonly passphrasePresent: boolean
}

/**
 * A hub out of its backup, into a folder that holds nothing; all or nothing, like `init`. Its directory and status list go
 * on from the clock, so their numbers never go down. Places given after the backup are never given again; revocations made
 * after it come back by the first node that has heard of them (protocol 2.7), and are to be decided again.
 */
export async function restoreHub({ dataDir, file }: { dataDir: string; file: string }): Promise<Restored> {
  if (!existsSync(file)) throw new Refusal('BACKUP_INVALID', { path: file, rule: 'the file is there' })
  return ownNewFolder(dataDir, requireFresh, (dir) => unpack(dir, file))
}

function unpack(dir: string, file: string): Restored {
  const building = makeBuilding(dir)
  mkdirSync(join(building, 'keys'), { mode: 0o700 })
  mkdirSync(join(building, 'blobs'), { mode: 0o700 })
  try {
    const database = join(building, 'hub.db')
    copyFileSync(file, database)
    const files = openBackup(database, KIND)
    for (const one of files) placeFile(building, one)
    if (!existsSync(join(building, 'config.toml')))
      throw new Refusal('BACKUP_INVALID', { rule: 'it holds config.toml' })
    // Opening migrates an older backup and refuses a newer one.
    const db = openDatabase(database, MIGRATIONS, { create: false })
    markRestored(db)
    db.close()
    for (const name of readdirSync(building)) if (name.includes('.before-')) rmSync(join(building, name))
  } catch (error) {
    rmSync(building, { recursive: true })
    throw error
  }
  moveOut(building, dir)
  const passphraseFile = passphrasePath(dir, environment())
  return { dataDir: dir, passphraseFile, passphrasePresent: existsSync(passphraseFile) }
}

/** Only names that a hub writes: a doctored backup must not reach out of the folder. */
function placeFile(building: string, { path, bytes }: BackedFile): void {
  if (!(path === 'config.toml' || KEY_PATH.test(path)))
    throw new Refusal('BACKUP_INVALID', { path, rule: 'only files of a hub' })
  const target = join(building, dirname(path), basename(path))
  writeDurably(target, bytes, 0o600)
}
