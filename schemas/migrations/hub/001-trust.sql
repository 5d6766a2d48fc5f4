-- Trust: who is a member, which keys count, who decides, and every document that says so.

-- Protocol 8: one row per change, in its transaction. Events, audit and the later log read it.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  salt TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;

-- Single values: phase, numbers of lists, the hub's own TLS certificate.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Changes that no document states (a code was made, a phase began): the JSON whose hash stands in the journal.
CREATE TABLE changes (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE roots (
  version INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  -- Unix seconds: since when the hub hands it out.
  accepted INTEGER NOT NULL
) STRICT;

-- Every directory ever signed: documents of the past are judged by the one of their day.
CREATE TABLE directories (
  version INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  issued INTEGER NOT NULL
) STRICT;
CREATE TABLE directory_parts (
  hash TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

-- Only the newest status list; it says all that the ones before it said.
CREATE TABLE status_list (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  id TEXT NOT NULL,
  text TEXT NOT NULL,
  issued INTEGER NOT NULL
) STRICT;
-- A place is given once for ever; revoked is final.
CREATE TABLE places (
  place INTEGER PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('good', 'revoked', 'suspended'))
) STRICT;
CREATE INDEX places_not_good ON places (place, status) WHERE status <> 'good';

-- Documents of this part, word for word: certificate-requests, admissions, decisions, sponsorships.
CREATE TABLE trust_documents (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- The signer: a member, or 'hub'.
  member TEXT NOT NULL,
  jti TEXT NOT NULL,
  text TEXT NOT NULL,
  -- JSON as it was answered, so that a retry hears the same.
  answer TEXT,
  UNIQUE (member, jti)
) STRICT;

CREATE TABLE members (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('association', 'department', 'affiliate')),
  -- What operators decided; an affiliate's sponsorships come on top.
  standing TEXT NOT NULL CHECK (standing IN ('good', 'suspended', 'revoked')),
  reason TEXT,
  admission TEXT NOT NULL REFERENCES trust_documents (id),
  endpoint TEXT,
  since INTEGER NOT NULL
) STRICT;

-- A node's two certificates of one request; they change together.
CREATE TABLE pairs (
  request TEXT PRIMARY KEY REFERENCES trust_documents (id),
  member TEXT NOT NULL REFERENCES members (id),
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('good', 'suspended', 'revoked')),
  reason TEXT,
  revoked INTEGER,
  -- From when its documents do not count: a compromise is found later than it happens.
  since INTEGER,
  compromised INTEGER NOT NULL DEFAULT 0,
  -- The request that replaced it: one only.
  renewed TEXT REFERENCES trust_documents (id),
  issued INTEGER NOT NULL,
  UNIQUE (member, number)
) STRICT;

-- Every certificate ever registered; kept for ever, since old documents name it.
CREATE TABLE certificates (
  thumbprint TEXT PRIMARY KEY,
  request TEXT NOT NULL REFERENCES pairs (request),
  member TEXT NOT NULL REFERENCES members (id),
  use TEXT NOT NULL CHECK (use IN ('tls', 'signing')),
  der BLOB NOT NULL,
  -- SHA-256 of its SubjectPublicKeyInfo: no key is certified twice.
  spki TEXT NOT NULL UNIQUE,
  serial TEXT NOT NULL,
  -- SHA-256 of the public key of our CA that issued it; NULL for an external CA's.
  issuer TEXT,
  place INTEGER NOT NULL UNIQUE REFERENCES places (place),
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  UNIQUE (request, use)
) STRICT;
CREATE INDEX certificates_of_member ON certificates (member, not_after);

-- Enrolment codes: the secret's hash alone is kept.
CREATE TABLE codes (
  hash TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  name TEXT NOT NULL,
  class TEXT NOT NULL,
  operator TEXT NOT NULL,
  expires INTEGER NOT NULL,
  used TEXT REFERENCES trust_documents (id)
) STRICT;
CREATE INDEX codes_of_member ON codes (member);

-- Used codes wait here for a person; the certificates work meanwhile.
CREATE TABLE admissions (
  id TEXT PRIMARY KEY REFERENCES trust_documents (id),
  request TEXT NOT NULL REFERENCES pairs (request),
  member TEXT NOT NULL REFERENCES members (id),
  since INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
  decision TEXT REFERENCES trust_documents (id)
) STRICT;

CREATE TABLE sponsorships (
  id TEXT PRIMARY KEY REFERENCES trust_documents (id),
  sponsor TEXT NOT NULL,
  affiliate TEXT NOT NULL,
  until INTEGER,
  ended TEXT REFERENCES trust_documents (id)
) STRICT;
CREATE INDEX sponsorships_of_affiliate ON sponsorships (affiliate) WHERE ended IS NULL;

CREATE TABLE operators (
  name TEXT PRIMARY KEY,
  -- The member this person belongs to, if any: on its agreements they do not decide.
  member TEXT,
  since INTEGER NOT NULL
) STRICT;
CREATE TABLE operator_roles (
  operator TEXT NOT NULL REFERENCES operators (name),
  role TEXT NOT NULL CHECK (role IN ('registrar', 'approver', 'auditor', 'administrator')),
  PRIMARY KEY (operator, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE operator_certificates (
  thumbprint TEXT PRIMARY KEY,
  operator TEXT NOT NULL REFERENCES operators (name),
  der BLOB NOT NULL,
  serial TEXT NOT NULL,
  issuer TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  revoked INTEGER
) STRICT;

CREATE TABLE alarms (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  -- JSON {zh, en}.
  summary TEXT NOT NULL,
  ended INTEGER
) STRICT;
CREATE UNIQUE INDEX alarms_standing ON alarms (kind, subject) WHERE ended IS NULL;

-- Signed CRLs by the SHA-256 of their issuer's public key; numbers go up.
CREATE TABLE crls (
  issuer TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  der BLOB NOT NULL,
  issued INTEGER NOT NULL,
  next_update INTEGER NOT NULL
) STRICT;
