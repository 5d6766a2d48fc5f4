import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import { type OpenDatabase, openDatabase } from '#schemas/storage/open-database.ts'
import { type ArchivedFile, readArchive, writeArchive } from '#web/serving/archive.ts'
import { environment } from '#web/serving/config.ts'
import { ownNewFolder, requireNoServer } from '#web/serving/data-folder.ts'
import { passphrasePath } from '#web/serving/passphrase.ts'
import { MIGRATIONS } from './store/migrations.ts'

interface Packing {
  readonly db: OpenDatabase
  readonly dataDir: string
  readonly blobs: string
  /** Where the backup goes; must not exist. */
  readonly path: string
}

const RESTORING = '.restoring'
const BLOB_FOLDER = /^[0-9a-f]{2}$/

/**
 * Everything a node cannot get again: database, keys (encrypted as they lie), configuration, published and pulled files,
 * drafts of publications.
 * The passphrase of the keys is not in it: whoever finds the backup alone opens nothing.
 */
export async function packBackup({ db, dataDir, blobs, path }: Packing): Promise<{ sha256: string; bytes: number }> {
  const copy = `${path}.db`
  const frozen = `${path}.drafts`
  try {
    // Before the database: a draft that is published meanwhile is in both rather than in neither.
    const drafts = freezeDrafts(join(dataDir, 'drafts'), frozen)
    // A consistent copy of one moment, while the node goes on.
    db.prepare('VACUUM INTO ?').run(copy)
    const files: ArchivedFile[] = [
      { name: 'config.toml', path: join(dataDir, 'config.toml') },
      { name: 'node.db', path: copy },
      ...filesOf(join(dataDir, 'keys'), 'keys'),
      ...readdirSync(blobs)
        .filter((name) => BLOB_FOLDER.test(name))
        .flatMap((name) => filesOf(join(blobs, name), `blobs/${name}`)),
      ...drafts,
    ]
    return await writeArchive(path, { role: 'node', folder: realpathSync(dataDir) }, files)
  } finally {
    rmSync(copy, { force: true })
    rmSync(frozen, { recursive: true, force: true })
  }
}

/** Drafts as they stand at one moment, by second names of their files: each file is replaced or goes, none ever changes. */
function freezeDrafts(drafts: string, into: string): ArchivedFile[] {
  if (!existsSync(drafts)) return []
  return readdirSync(drafts).flatMap((id) => {
    mkdirSync(join(into, id), { recursive: true, mode: 0o700 })
    return filesOf(join(drafts, id), `drafts/${id}`).map((file) => {
      const path = join(into, id, basename(file.path))
      linkSync(file.path, path)
      return { name: file.name, path }
    })
  })
}

function filesOf(folder: string, name: string): ArchivedFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((entry) => ({ name: `${name}/${entry.name}`, path: join(folder, entry.name) }))
}

/**
 * Unpacks a backup into a folder that is no node yet; `config.toml` comes last, which makes it one. On the machine it was
 * made on the passphrase is found again, also for another folder. BACKUP_INVALID, ALREADY_INITIALISED.
 */
export async function restoreNode({
  dataDir: given,
  file,
}: {
  readonly dataDir: string
  readonly file: string
}): Promise<{ dataDir: string; passphraseFile: string; passphrasePresent: boolean }> {
  return ownNewFolder(given, requireNoServer, (dataDir) => unpack(dataDir, file))
}

function unpack(dataDir: string, file: string) {
  const building = join(dataDir, RESTORING)
  try {
    rmSync(building, { recursive: true, force: true })
    mkdirSync(building, { mode: 0o700 })
    const about = readArchive(file, building)
    if (!(about['role'] === 'node' && existsSync(join(building, 'config.toml'))))
      throw new Refusal('BACKUP_INVALID', { rule: 'it is of a node' })
    openDatabase(join(building, 'node.db'), MIGRATIONS, { create: false }).close()
    moveOut(building, dataDir)
    const passphrasePresent = bringPassphrase(String(about['folder']), dataDir)
    return { dataDir, passphraseFile: passphrasePath(dataDir, environment()), passphrasePresent }
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}

function moveOut(building: string, dataDir: string): void {
  const names = readdirSync(building).filter((name) => name !== 'config.toml')
  for (const name of [...names, 'config.toml']) {
    rmSync(join(dataDir, name), { recursive: true, force: true })
    renameSync(join(building, name), join(dataDir, name))
  }
}

/** The passphrase lies under the name of the folder: for another one it is copied. Says whether it is there. */
function bringPassphrase(before: string, dataDir: string): boolean {
  const path = passphrasePath(dataDir, environment())
  if (existsSync(path)) return true
  const old = existsSync(before) ? passphrasePath(before, environment()) : undefined
  if (old === undefined || !existsSync(old)) return false
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  copyFileSync(old, path)
  return true
}
