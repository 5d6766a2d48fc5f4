-- The exchange between two nodes: what this node served, what it pulled, and the papers of both.
-- Times are Unix seconds. Texts are the documents as received or sent; they are what is verified and filed.

-- Owner's side. A row is written before the order is answered: no evidence, no action.
CREATE TABLE served_pulls (
  pull TEXT PRIMARY KEY,                 -- id of the pull-order
  agreement TEXT NOT NULL,
  consumer TEXT NOT NULL,
  dataset TEXT NOT NULL,
  version INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  order_text TEXT NOT NULL,
  opened INTEGER NOT NULL,
  touched INTEGER NOT NULL,              -- last request or byte; a pull rests from here on
  bytes INTEGER NOT NULL DEFAULT 0,      -- content that left this node
  cut INTEGER NOT NULL DEFAULT 0,        -- 1: the last transfer ended because the right did
  closed INTEGER,
  delivery TEXT,
  delivery_text TEXT,
  acknowledgement TEXT,
  acknowledgement_text TEXT,
  outcome TEXT,                          -- what the acknowledgement says
  CHECK ((closed IS NULL) = (delivery_text IS NULL)),
  CHECK ((acknowledgement IS NULL) = (acknowledgement_text IS NULL))
) STRICT;
CREATE INDEX served_pulls_by_agreement ON served_pulls (agreement, opened);
CREATE INDEX served_pulls_open ON served_pulls (opened) WHERE closed IS NULL;

-- jti of every order and acknowledgement received, per signer: another document under the same one is a replay.
CREATE TABLE received_jtis (
  signer TEXT NOT NULL,
  jti TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (signer, jti)
) STRICT, WITHOUT ROWID;

-- Consumer's side. The order is stored before it is sent.
CREATE TABLE pulls (
  pull TEXT PRIMARY KEY,
  agreement TEXT NOT NULL,
  owner TEXT NOT NULL,
  dataset TEXT NOT NULL,
  version INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  order_text TEXT NOT NULL,
  ordered INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ordered', 'open', 'complete', 'acknowledged', 'void')),
  problem TEXT,                          -- code of what last stopped it
  fetched INTEGER NOT NULL DEFAULT 0,    -- content received from the owner
  settled INTEGER NOT NULL DEFAULT 0,    -- the same at the end of the last whole file
  reused INTEGER NOT NULL DEFAULT 0,     -- content taken from earlier versions
  delivery TEXT,
  delivery_text TEXT,
  acknowledgement TEXT,
  acknowledgement_text TEXT,
  outcome TEXT,                          -- what the acknowledgement says
  confirmed INTEGER,                     -- when the owner said that it stored the acknowledgement
  whole INTEGER NOT NULL DEFAULT 0,      -- 1: all content was verified and is in blobs/
  taken INTEGER,                         -- when its files were handed to whoever asked; before, the same command joins it
  CHECK ((acknowledgement IS NULL) = (acknowledgement_text IS NULL)),
  CHECK (state <> 'acknowledged' OR acknowledgement IS NOT NULL)
) STRICT;
CREATE INDEX pulls_by_dataset ON pulls (dataset, ordered);
CREATE INDEX pulls_unfinished ON pulls (ordered) WHERE confirmed IS NULL;

-- Manifests this node has verified as a consumer; the files and lists they name lie in blobs/ once received.
CREATE TABLE pulled_versions (
  manifest TEXT PRIMARY KEY,
  dataset TEXT NOT NULL,
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  complete INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX pulled_versions_by_dataset ON pulled_versions (dataset, version);

CREATE TABLE grants (
  jti TEXT PRIMARY KEY,
  agreement TEXT NOT NULL,
  holder TEXT NOT NULL,                  -- thumbprint of our TLS certificate it is bound to
  iat INTEGER NOT NULL,
  exp INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX grants_by_agreement ON grants (agreement, holder, exp);

-- Receipts still to be filed at the hub, oldest first; filed is when the hub said it stored them.
CREATE TABLE filings (
  seq INTEGER PRIMARY KEY,
  document TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  filed INTEGER
) STRICT;
CREATE INDEX filings_open ON filings (seq) WHERE filed IS NULL;

-- Steps of other members' lines of keys, by request hash or thumbprint; each proves itself when it is followed.
CREATE TABLE key_steps (
  name TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  previous TEXT
) STRICT, WITHOUT ROWID;

-- Texts that rights rest on and that must be at hand when the hub is not: agreements a consumer presented with its
-- order, and the catalog entries that our own agreements name.
CREATE TABLE kept_texts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('agreement', 'catalog-entry')),
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
