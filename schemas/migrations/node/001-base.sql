-- A member's node: whom it trusts, its own keys' papers, what it publishes, what it has agreed to.
-- Times named iat are Unix seconds; texts are documents word for word as signed or received.

-- Small facts by name: clock floor, addresses of the hub, cursors.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  salt TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;

-- The line of roots behind the pinned fingerprint, oldest first.
CREATE TABLE roots (
  version INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- Accepted directories: the newest, those of the last weeks, and those that kept documents refer to (pinned).
CREATE TABLE directories (
  version INTEGER PRIMARY KEY,
  iat INTEGER NOT NULL,
  text TEXT NOT NULL,
  pinned INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX directories_by_iat ON directories (iat);

CREATE TABLE directory_parts (
  hash TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE directory_part_uses (
  version INTEGER NOT NULL REFERENCES directories (version) ON DELETE CASCADE,
  hash TEXT NOT NULL REFERENCES directory_parts (hash),
  PRIMARY KEY (version, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_part_uses_by_hash ON directory_part_uses (hash);

-- The newest status list only: it holds every place that was ever revoked.
CREATE TABLE status_lists (
  version INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- Every certificate a directory of ours registered, also when it has left the directory since.
CREATE TABLE certificates (
  thumbprint TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  use TEXT NOT NULL CHECK (use IN ('tls', 'signing')),
  certificate TEXT NOT NULL,
  request TEXT NOT NULL,
  place INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  pinned INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_by_last_seen ON certificates (last_seen) WHERE pinned = 0;

-- Our own pairs of keys. The request is stored before it is sent; chains (JSON lists of base64url DER) come with the answer.
CREATE TABLE pairs (
  number INTEGER PRIMARY KEY,
  request TEXT NOT NULL UNIQUE,
  request_text TEXT NOT NULL,
  tls TEXT,
  signing TEXT,
  not_before INTEGER,
  not_after INTEGER,
  CHECK ((tls IS NULL) = (signing IS NULL) AND (tls IS NULL) = (not_after IS NULL))
) STRICT;

-- Requests of ours that were signed anew with the same keys, since the hub had not seen them in time.
CREATE TABLE earlier_requests (
  request TEXT PRIMARY KEY,
  number INTEGER NOT NULL REFERENCES pairs (number),
  request_text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions of our datasets: immutable, numbered from 1; the files they name lie in blobs/.
CREATE TABLE versions (
  dataset TEXT NOT NULL,
  version INTEGER NOT NULL,
  manifest TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  content TEXT NOT NULL,                 -- hash over names, contents and schema: the same again is no new version
  bytes INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  PRIMARY KEY (dataset, version)
) STRICT;

-- Catalog entries and tombstones of our datasets; they share one sequence. A refused one leaves its number free.
CREATE TABLE entries (
  id TEXT PRIMARY KEY,
  dataset TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('catalog-entry', 'tombstone')),
  terms INTEGER NOT NULL,
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'waiting', 'published', 'withdrawn', 'refused')),
  problem TEXT                           -- JSON problem of a refusal
) STRICT;
CREATE UNIQUE INDEX entries_in_order ON entries (dataset, sequence) WHERE state <> 'refused';

-- Documents on their way to the hub, in order within a lane; a row goes in the transaction that records the answer.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  lane TEXT NOT NULL,
  path TEXT NOT NULL,
  field TEXT NOT NULL,
  kind TEXT NOT NULL,
  document TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_lane ON outbox (lane, seq);

-- From wish to right, one row per request we are a party of, as the hub tells it and the papers prove it.
CREATE TABLE stories (
  request TEXT PRIMARY KEY,
  agreement TEXT UNIQUE,
  dataset TEXT NOT NULL,
  consumer TEXT NOT NULL,
  owners TEXT NOT NULL,                  -- JSON
  path TEXT NOT NULL CHECK (path IN ('unconditional', 'conditional')),
  state TEXT NOT NULL,
  cause TEXT,
  suspended_by TEXT NOT NULL,            -- JSON: members and 'hub'
  ended_by TEXT,                         -- member or 'hub'
  until TEXT NOT NULL,
  signers TEXT NOT NULL,                 -- JSON: member -> thumbprint under which it signed, or that the other side's resume named
  changed INTEGER NOT NULL               -- the hub's cursor
) STRICT;
CREATE INDEX stories_by_dataset ON stories (dataset, consumer);

-- Documents of these stories, and others kept as evidence (admissions, sponsorships, entries of others).
CREATE TABLE papers (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  story TEXT,                            -- request
  signer TEXT NOT NULL,                  -- member, or 'hub'; of several who signed first
  iat INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX papers_by_story ON papers (story, position);
CREATE INDEX papers_by_kind ON papers (kind, position);

-- What the hub told and we could not verify: tried again, since a certificate may be known by then.
CREATE TABLE unread_stories (
  request TEXT PRIMARY KEY,
  problem TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;

CREATE TABLE sponsorships (
  sponsorship TEXT PRIMARY KEY,
  affiliate TEXT NOT NULL,
  until TEXT,
  revocation TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'standing', 'revoking', 'revoked', 'refused'))
) STRICT;

CREATE TABLE alarms (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended INTEGER,
  summary TEXT NOT NULL                  -- JSON {zh, en}
) STRICT;
CREATE UNIQUE INDEX alarms_standing ON alarms (kind, subject) WHERE ended IS NULL;
