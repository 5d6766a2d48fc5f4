-- Texts of the portal as operators wrote them: every edit is kept, the newest of a thing is shown.

CREATE TABLE content_edits (
  edit INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('notice', 'page', 'footer')),
  -- A notice's id, a page's path without the first slash, 'footer'.
  id TEXT NOT NULL,
  -- JSON; NULL: taken back, so that the text as shipped (or none) is shown.
  text TEXT,
  operator TEXT NOT NULL,
  -- Unix seconds.
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX content_edits_newest ON content_edits (kind, id, edit);
