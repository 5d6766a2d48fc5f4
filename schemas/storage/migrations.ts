import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { Refusal } from '../refusal.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

/** The folder's migrations in order. Numbers run 1, 2, 3 … without a gap, or a database could miss one unnoticed. */
export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, index) => {
    const number = index + 1
    if (!name.startsWith(`${String(number).padStart(3, '0')}-`)) throw new Error(`migration out of order: ${name}`)
    return { number, name, sql: readFileSync(join(folder, name), 'utf8') }
  })
}

/** Brings the database up to the newest migration, a copy first; throws DATABASE_NEWER when it is ahead of this software. */
export function migrate(db: Database.Database, path: string, migrations: readonly Migration[]): void {
  const present = db.pragma('user_version', { simple: true }) as number
  const newest = migrations.at(-1)?.number ?? 0
  if (!(present <= newest)) throw new Refusal('DATABASE_NEWER', { database: present, software: newest })
  if (present > 0 && present < newest) copyBefore(db, `${path}.before-${newest}`)
  for (const { number, sql } of migrations.slice(present)) {
    // One transaction each, the version inside it: after a crash a migration is either whole or not there.
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${number}`)
    }).immediate()
  }
}

function copyBefore(db: Database.Database, path: string): void {
  // A copy from an attempt that was cut off may be half.
  rmSync(path, { force: true })
  closeSync(openSync(path, 'wx', 0o600))
  db.prepare('VACUUM INTO ?').run(path)
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
