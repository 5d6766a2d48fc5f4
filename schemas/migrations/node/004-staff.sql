-- Client certificates of the association's own staff, for a console off loopback. Times are Unix seconds.
CREATE TABLE staff_certificates (
  thumbprint TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  issued INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  removed INTEGER
) STRICT;
