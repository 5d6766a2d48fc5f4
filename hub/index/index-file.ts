import { existsSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'

/** Goes up with every change of the tables or of how words are cut: an older file is then built anew. */
const layout = 3

const TABLES = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    dataset TEXT NOT NULL UNIQUE,
    arrival INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    title_length INTEGER NOT NULL,
    class TEXT NOT NULL, theme TEXT NOT NULL, industry TEXT NOT NULL, member TEXT NOT NULL,
    region TEXT NOT NULL, sharing TEXT NOT NULL, periodicity TEXT NOT NULL, price TEXT NOT NULL,
    item TEXT NOT NULL
  ) STRICT;
  CREATE TABLE relations (
    source INTEGER NOT NULL, role TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (target, source, role)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX relations_of_source ON relations (source);
  CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT NOT NULL, class TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE positions (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- ascii: every byte above 127 is part of a word, so pairs of any script and any Unicode version stay whole.
  CREATE VIRTUAL TABLE words USING fts5(
    title, keywords, body, ids, content='', contentless_delete=1, tokenize='ascii', prefix='1'
  );
  INSERT INTO positions VALUES ('journal', 0);
  PRAGMA user_version = ${layout};
`

/**
 * Opens `index.db` and reads it by `load`; where it is absent, damaged or of another layout, an empty one in its place:
 * everything in it can be built again from `hub.db`, from journal position 0. Trusted for nothing but finding.
 */
export function openIndexFile<T>(path: string, load: (db: Database.Database) => T): T {
  try {
    return openSound(path, load)
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !isDamage(error.code)) throw error
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    return openSound(path, load)
  }
}

function openSound<T>(path: string, load: (db: Database.Database) => T): T {
  // SQLite removes the log on a clean close; one that is left means a crash, so look before trusting what it left.
  const unclean = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
  const db = new Database(path)
  try {
    db.pragma('journal_mode = WAL')
    // Losing the last commits in a power cut costs nothing: the position goes back with them.
    db.pragma('synchronous = NORMAL')
    db.pragma('trusted_schema = OFF')
    db.pragma('cache_size = -16384')
    const found = db.pragma('user_version', { simple: true })
    if (found === 0) db.transaction(() => db.exec(TABLES)).immediate()
    else if (found !== layout) throw damaged(`layout ${found}`)
    if (unclean && db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw damaged('quick_check')
    return load(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function damaged(what: string): Error {
  return new Database.SqliteError(`index cannot be used: ${what}`, 'SQLITE_CORRUPT')
}

function isDamage(code: string): boolean {
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}
