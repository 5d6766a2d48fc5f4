-- The exchange: catalog, requests, agreements, grants and receipts, each document word for word as it was received.

CREATE TABLE documents (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  -- Who signed it (of several: who posted it first); 'hub' for the hub's own.
  member TEXT NOT NULL,
  jti TEXT NOT NULL,
  text TEXT NOT NULL,
  -- The request whose story it belongs to; NULL for catalog entries.
  request TEXT,
  -- JSON as it was answered, so that a retry hears the same.
  answer TEXT,
  stored INTEGER NOT NULL,
  UNIQUE (member, jti)
) STRICT;
CREATE INDEX documents_of_request ON documents (request, position);

-- Entries and tombstones of a dataset share one sequence. The newest has the highest number, whatever its state.
CREATE TABLE entries (
  id TEXT PRIMARY KEY REFERENCES documents (id),
  dataset TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('catalog-entry', 'tombstone')),
  terms INTEGER NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'published', 'superseded', 'withdrawn')),
  UNIQUE (dataset, sequence)
) STRICT;
CREATE UNIQUE INDEX one_published_entry ON entries (dataset) WHERE state = 'published';
CREATE INDEX waiting_entries ON entries (dataset) WHERE state = 'waiting';

-- One row from request to end; the agreement's id joins once its payload exists.
CREATE TABLE agreements (
  request TEXT PRIMARY KEY REFERENCES documents (id),
  agreement TEXT UNIQUE REFERENCES documents (id),
  dataset TEXT NOT NULL,
  entry TEXT NOT NULL REFERENCES entries (id),
  consumer TEXT NOT NULL,
  path TEXT NOT NULL CHECK (path IN ('unconditional', 'conditional')),
  sensitive INTEGER NOT NULL,
  state TEXT NOT NULL,
  cause TEXT,
  -- Member or 'hub' whose word ended it.
  ended_by TEXT,
  -- The request or offer whose terms stand.
  words TEXT NOT NULL REFERENCES documents (id),
  -- Unix seconds: end of the standing terms; TERMINATED, cause lapsed, unless final by then.
  until INTEGER NOT NULL,
  lapses INTEGER NOT NULL,
  verified INTEGER,
  place INTEGER UNIQUE,
  -- Journal number of the last change: the cursor of lists.
  changed INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX agreements_of_consumer ON agreements (consumer, dataset);
CREATE INDEX agreements_of_state ON agreements (state, until, lapses);

CREATE TABLE parties (
  member TEXT NOT NULL,
  request TEXT NOT NULL REFERENCES agreements (request),
  role TEXT NOT NULL CHECK (role IN ('consumer', 'owner')),
  PRIMARY KEY (member, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX parties_of_request ON parties (request);

-- Suspensions that stand; each party lifts only its own.
CREATE TABLE suspensions (
  request TEXT NOT NULL REFERENCES agreements (request),
  party TEXT NOT NULL,
  PRIMARY KEY (request, party)
) STRICT, WITHOUT ROWID;

-- The last agreement-change of each signer: the next one names it.
CREATE TABLE last_changes (
  request TEXT NOT NULL REFERENCES agreements (request),
  party TEXT NOT NULL,
  change TEXT NOT NULL REFERENCES documents (id),
  PRIMARY KEY (request, party)
) STRICT, WITHOUT ROWID;

-- An operator's yes that still waits for a second one.
CREATE TABLE approvals (
  request TEXT NOT NULL REFERENCES agreements (request),
  operator TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('certificate', 'link', 'control')),
  thumbprint TEXT,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (request, operator)
) STRICT, WITHOUT ROWID;

-- What both sides filed about a pull, by the hash of its order.
CREATE TABLE pulls (
  pull TEXT PRIMARY KEY,
  request TEXT NOT NULL REFERENCES agreements (request),
  dataset TEXT NOT NULL,
  version INTEGER,
  pull_order TEXT REFERENCES documents (id),
  delivery TEXT REFERENCES documents (id),
  acknowledgement TEXT REFERENCES documents (id),
  bytes INTEGER NOT NULL,
  changed INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX pulls_of_request ON pulls (request, changed);
CREATE INDEX pulls_of_dataset ON pulls (dataset);
